// Reading barcodes with the camera: the browser's own detector where it has one, otherwise ZXing in
// plain JavaScript, loaded only now. A picture can be chosen where no camera may be used.
"use strict";

window.supplyCamera = (() => {
  const FORMATS = ["data_matrix", "qr_code", "code_128", "ean_13", "ean_8", "upc_a", "itf"];
  const AGAIN_MS = 1800; // the same code counts again only after it was away this long
  const EVERY_MS = 140;
  const $ = (id) => document.getElementById(id);
  const state = { stream: null, reader: null, seen: new Map(), options: null };

  /** A function canvas -> text or null. */
  async function makeReader(options) {
    if (window.BarcodeDetector) {
      const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
      const formats = FORMATS.filter((format) => known.includes(format));
      if (formats.includes("data_matrix")) {
        const detector = new window.BarcodeDetector({ formats });
        return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? null;
      }
    }
    if (!window.ZXing) await options.loadScript(options.decoder);
    return zxing();
  }

  function zxing() {
    const { BarcodeFormat: F, DecodeHintType: H } = window.ZXing;
    const hints = new Map([
      [H.POSSIBLE_FORMATS, [F.DATA_MATRIX, F.QR_CODE, F.CODE_128, F.EAN_13, F.EAN_8, F.UPC_A, F.ITF]],
      [H.TRY_HARDER, true],
      [H.ASSUME_GS1, true],
    ]);
    const reader = new window.ZXing.MultiFormatReader();
    reader.setHints(hints);
    return async (canvas) => {
      const light = new window.ZXing.HTMLCanvasElementLuminanceSource(canvas);
      for (const Binarizer of [window.ZXing.HybridBinarizer, window.ZXing.GlobalHistogramBinarizer]) {
        try {
          return reader.decode(new window.ZXing.BinaryBitmap(new Binarizer(light))).getText();
        } catch {
          // Nothing in this picture, seen this way: the common case.
        }
      }
      return null;
    };
  }

  async function open(options) {
    state.options = options;
    state.seen.clear();
    $("camera").showModal();
    say(options.words.camera_aim);
    if (!state.bound) bind();
    try {
      state.reader ??= await makeReader(options);
      state.stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      $("camera-view").srcObject = state.stream;
      await $("camera-view").play();
      watch();
    } catch {
      say(options.words.camera_none);
    }
  }

  function bind() {
    state.bound = true;
    $("camera").addEventListener("close", stop);
    $("camera-file").addEventListener("change", (event) => picture(event.target));
  }

  function stop() {
    clearTimeout(state.timer);
    for (const track of state.stream?.getTracks() ?? []) track.stop();
    state.stream = null;
    $("camera-view").srcObject = null;
  }

  async function watch() {
    if (!state.stream) return;
    const view = $("camera-view");
    if (view.videoWidth) {
      const text = await state.reader(drawn(view, view.videoWidth, view.videoHeight));
      if (text) heard(text);
    }
    state.timer = setTimeout(watch, EVERY_MS);
  }

  function drawn(source, width, height) {
    const canvas = (state.canvas ??= document.createElement("canvas"));
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, width, height);
    return canvas;
  }

  /** Held before the lens, a code is read many times and counts once. */
  function heard(text) {
    const now = performance.now();
    const before = state.seen.get(text) ?? -Infinity;
    state.seen.set(text, now);
    if (now - before < AGAIN_MS) return;
    say(text.replaceAll("\u001d", " "));
    state.options.found(text);
  }

  async function picture(field) {
    const file = field.files[0];
    field.value = "";
    if (!file) return;
    try {
      state.reader ??= await makeReader(state.options);
      const image = await createImageBitmap(file);
      const shrink = Math.min(1, 1600 / Math.max(image.width, image.height));
      const text = await state.reader(drawn(image, Math.round(image.width * shrink), Math.round(image.height * shrink)));
      if (text) heard(text);
      else say(state.options.words.camera_nothing);
    } catch {
      say(state.options.words.camera_nothing);
    }
  }

  function say(text) {
    $("camera-said").textContent = text;
  }

  return { open };
})();
