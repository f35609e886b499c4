// Wide pieces of a page (risk map, small charts) start folded on a phone; one press opens them.
(function () {
  "use strict";
  if (matchMedia("(max-width: 820px)").matches) document.querySelectorAll("details[data-wide]").forEach((d) => { d.open = false; });
})();
