// What FAB's own ab.js does, without its Bootstrap 3 tooltip: select boxes, dates, deleting by POST.
(function ($) {
  "use strict";
  $(function () {
    $(".my_select2").select2({ placeholder: supply.say("Chọn", "Choose"), allowClear: true, width: "100%" });
    $(".my_select2.readonly").prop("disabled", true);
    $(".my_date, .appbuilder_date").datepicker({ format: "yyyy-mm-dd", autoclose: true, todayHighlight: true });
    $(".my_select2_ajax, .my_select2_ajax_slave").each(function () {
      const box = $(this);
      box.select2({ allowClear: true, ajax: { url: box.attr("endpoint"), dataType: "json", processResults: (d) => ({ results: d }) } });
    });
    $(".confirm").on("click", function (e) {
      e.preventDefault();
      const href = this.getAttribute("href");
      const form = document.createElement("form");
      form.method = "post"; form.action = href;
      form.dataset.confirm = supply.say("Xoá mục này? Không thể lấy lại.", "Delete this entry? It cannot be undone.");
      const t = Object.assign(document.createElement("input"), { type: "hidden", name: "csrf_token", value: supply.token() });
      form.append(t); document.body.append(form); form.requestSubmit();
    });
  });
})(jQuery);
