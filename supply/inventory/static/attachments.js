// Papers of a document: taken with the phone's camera or chosen, shrunk here before they travel, sent
// with their progress, listed, marked as removed.
//
// On the entry screen a draft may not exist yet: picking a file says "supply:save-draft" on the
// document, and whoever keeps the draft answers "supply:draft" with {id}, now and after each save.
(function () {
  "use strict";
  const { say, call, token } = window.supply;
  const LARGEST = 10 * 1024 * 1024, SIDE = 2560, SHRINK_ABOVE = 1024 * 1024;

  document.querySelectorAll("section[data-attachments]").forEach((section) => {
    const list = section.querySelector("[data-list]"), none = section.querySelector("[data-none]");
    const mayAttach = "mayAttach" in section.dataset;
    const address = () => (section.dataset.attachments ? `/api/v1/${section.dataset.attachments}/attachments` : "");

    document.addEventListener("supply:draft", (event) => {
      if (!section.dataset.attachments.startsWith("documents/") && event.detail?.id) section.dataset.attachments = `drafts/${event.detail.id}`;
    });
    section.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      for (const file of files) await send(file);
    }));
    if (address()) call(address()).then((body) => body.result.forEach((row) => show(row))).catch((error) => supply.toast(error.message, "danger"));

    async function send(file) {
      const row = line(file.name || say("ảnh", "photo"));
      const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
      bar.setAttribute("aria-label", say("Đang gửi", "Sending"));
      row.append(bar);
      try {
        const content = await shrunk(file);
        if (content.size > LARGEST) throw new Error(say("Tệp lớn hơn 10 MB; hãy chụp nhỏ hơn hoặc tách ra.", "The file is larger than 10 MB."));
        if (!address()) await draftSaved();
        const body = await upload(content, file.name, (part) => { bar.value = part; });
        row.remove();
        if (!list.querySelector(`[data-id="${body.result.id}"]`)) show(body.result);
      } catch (error) {
        bar.remove();
        const words = document.createElement("span");
        words.className = "fault";
        words.setAttribute("role", "alert");
        words.textContent = error.message;
        row.append(words, button(say("Thử lại", "Try again"), () => { row.remove(); send(file); }), button(say("Bỏ", "Drop"), () => { row.remove(); count(); }));
      }
    }
    function draftSaved() {
      const words = say("Chưa lưu được phiếu nháp; hãy thêm một dòng hàng trước rồi đính kèm.", "The draft is not saved yet; add a line first.");
      return new Promise((done, fail) => {
        const wait = setTimeout(() => fail(new Error(words)), 10000);
        document.addEventListener("supply:draft", (event) => {
          clearTimeout(wait);
          if (event.detail?.id) done(); else fail(new Error(words));
        }, { once: true });
        document.dispatchEvent(new CustomEvent("supply:save-draft"));
      });
    }
    function upload(content, name, progress) {
      return new Promise((done, fail) => {
        const request = new XMLHttpRequest(), form = new FormData();
        form.append("file", content, name);
        request.open("POST", address());
        request.setRequestHeader("X-CSRFToken", token());
        request.setRequestHeader("Accept", "application/json");
        request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
        request.onload = () => {
          let body = null;
          try { body = JSON.parse(request.responseText); } catch { /* a proxy's page: said below */ }
          if (request.status < 300 && body) done(body);
          else fail(new Error(body?.faults?.[0]?.message || body?.title || say("Chưa gửi được, xin thử lại.", "It was not sent, please try again.")));
        };
        request.onerror = () => fail(new Error(say("Mất kết nối khi đang gửi.", "The connection was lost while sending.")));
        request.send(form);
      });
    }
    function show(row) {
      const one = line("");
      one.dataset.id = row.id;
      const name = one.querySelector(".grow");
      const link = Object.assign(document.createElement("a"), { href: `/api/v1/attachments/${row.id}/content`, textContent: row.name });
      if (row.content_type !== "application/pdf") { link.target = "_blank"; link.rel = "noopener"; }
      const about = document.createElement("span");
      about.className = "sub d-block";
      about.textContent = `${size(row.size_bytes)} · ${row.added_by} · ${supply.dmy(row.added_at)}`;
      name.append(link, about);
      if (row.removed_at) {
        one.classList.add("is-removed");
        about.textContent = `${say("Đã gỡ bởi", "Removed by")} ${row.removed_by}, ${supply.dmy(row.removed_at)}: ${row.removed_reason}`;
      } else if (mayAttach) {
        one.append(button(say("Gỡ", "Remove"), () => ask(row, one)));
      }
    }
    function ask(row, one) {
      const dialog = document.getElementById("attachment-removal"), form = dialog.querySelector("form"), reason = dialog.querySelector("input");
      reason.value = "";
      form.onsubmit = async (event) => {
        event.preventDefault();
        event.stopPropagation();
        try {
          const body = await call(`/api/v1/attachments/${row.id}/removal`, { json: { reason: reason.value.trim() } });
          dialog.close();
          one.remove();
          show(body.result);
        } catch (error) { supply.toast(error.problem?.faults?.[0]?.message || error.message, "danger"); }
      };
      dialog.showModal();
    }
    function line(text) {
      const one = document.createElement("li"), name = document.createElement("span");
      name.className = "grow";
      name.textContent = text;
      one.append(name);
      list.append(one);
      count();
      return one;
    }
    function count() { none.hidden = list.children.length > 0; }
  });

  // A photo of 12 million pixels reads no better than one of 5, and travels four times as long. The
  // place where it was taken does not leave the phone.
  async function shrunk(file) {
    if (!/^image\//.test(file.type) || (file.size <= SHRINK_ABOVE && /jpeg|png|webp/.test(file.type))) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return small && small.size < file.size ? small : file;
    } catch { return file; } // the server says what is wrong with it
  }
  function button(text, go) {
    const one = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-default btn-sm", textContent: text });
    one.addEventListener("click", go);
    return one;
  }
  function size(bytes) {
    return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1).replace(".", say(",", "."))} MB`;
  }
})();
