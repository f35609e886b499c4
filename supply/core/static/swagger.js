// The API's page: what FAB does in an inline script.
(function () {
  "use strict";
  const box = document.getElementById("swagger-ui");
  SwaggerUIBundle({
    url: box.dataset.url, domNode: box, layout: "BaseLayout",
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
    requestInterceptor: (request) => { request.headers["X-CSRFToken"] = supply.token(); return request; },
  });
})();
