// Flask-AppBuilder speaks Bootstrap 3; this says the same in Bootstrap 5's words before it starts.
(function () {
  "use strict";
  document.querySelectorAll("[data-toggle]").forEach((e) => {
    e.setAttribute("data-bs-toggle", e.getAttribute("data-toggle"));
    for (const k of ["target", "parent", "dismiss", "placement"]) if (e.dataset[k]) e.setAttribute("data-bs-" + k, e.dataset[k]);
  });
  document.querySelectorAll("[data-dismiss]").forEach((e) => e.setAttribute("data-bs-dismiss", e.dataset.dismiss));
  document.querySelectorAll(".panel-collapse.in").forEach((e) => e.classList.add("show"));
})();
