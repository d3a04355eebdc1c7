// The playground, and in the scope of audio worklets the processor that takes the microphone's sound.
"use strict";

const HEARING = 16000;
const SPEAKING = 24000;

if (typeof AudioWorkletProcessor === "function") {
  // Windowed sinc: from the machine's rate to HEARING, a tenth of a second at a time.
  class Taker extends AudioWorkletProcessor {
    constructor() {
      super();
      this.step = sampleRate / HEARING;
      this.half = Math.ceil(12 * Math.max(1, this.step));
      this.held = new Float32Array(this.half);
      this.at = this.half; // of the next sample out, in samples held
      this.out = [];
    }
    process([input]) {
      const channel = input[0];
      if (!channel) return true;
      const held = new Float32Array(this.held.length + channel.length);
      held.set(this.held);
      held.set(channel, this.held.length);
      const width = Math.max(1, this.step);
      while (this.at + this.half < held.length) {
        let sum = 0;
        const first = Math.ceil(this.at - this.half);
        for (let i = Math.max(0, first); i <= this.at + this.half; i++) {
          const x = (i - this.at) / width;
          const window = 0.5 + 0.5 * Math.cos((Math.PI * (i - this.at)) / this.half);
          sum += (held[i] * window * (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))) / width;
        }
        this.out.push(Math.max(-32768, Math.min(32767, Math.round(sum * 32767))));
        this.at += this.step;
      }
      const done = Math.max(0, Math.floor(this.at) - this.half);
      this.held = held.slice(done);
      this.at -= done;
      if (this.out.length >= HEARING / 10) {
        const pcm = Int16Array.from(this.out.splice(0));
        this.port.postMessage(pcm, [pcm.buffer]);
      }
      return true;
    }
  }
  registerProcessor("taker", Taker);
} else {
  const $ = (id) => document.getElementById(id);
  const FILE_MODEL = "qwen3-livetranslate-flash";
  const LIVE_MODEL = "qwen3.5-livetranslate-flash-realtime";
  // Voices of the live model that stand for those of the file model.
  const LIVE_VOICES = {
    Cherry: "Tina", Ethan: "Ethan", Nofish: "Theo Calm", Jada: "Cindy", Dylan: "Raymond",
    Sunny: "Sunnybobi", Peter: "Harvey", Kiki: "Liora Mira", Eric: "Wil",
  };
  const MOST_IN_A_REQUEST = 7 * 1024 * 1024; // bytes: their Base64 fits into a data URL
  const PEAKS = 50; // a second
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const nameOf = (code) => names.of(code) || code;
  const dense = (code) => ["zh", "yue", "ja"].includes(code);
  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };
  const inSeconds = (value) => (value === null || value === undefined ? "–" : `${value.toFixed(value < 10 ? 2 : 1)} s`);

  let abilities = null;
  let run = null;
  let picked = null;

  // --- what is known of a translation -------------------------------------------------------------------------------

  class Run {
    constructor(way, target, live) {
      Object.assign(this, { way, target, live, began: performance.now(), ended: null, over: false });
      this.utterances = new Map();
      this.peaks = [];
      this.length = 0;
      this.pcm = [];
      this.tokens = null;
      this.firstText = this.firstAudio = null;
      this.stop = () => {};
    }
    get now() { return (performance.now() - this.began) / 1000; }
    of(key) {
      if (!this.utterances.has(key)) {
        const fresh = { key, number: this.utterances.size, start: null, end: null, heard: "", heardTail: "", said: "", saidTail: "", at: {} };
        this.utterances.set(key, fresh);
      }
      return this.utterances.get(key);
    }
    mark(utterance, what) {
      const at = this.now;
      utterance.at[what] ??= at;
      utterance.at[`${what}End`] = at;
    }
    heard(utterance, text, tail = "") {
      utterance.heard = text;
      utterance.heardTail = tail;
      if (text || tail) this.mark(utterance, "heard");
    }
    says(utterance, text, tail = "") {
      utterance.said = text;
      utterance.saidTail = tail;
      if (!text && !tail) return;
      this.mark(utterance, "said");
      this.firstText ??= this.now;
    }
    speaks(utterance, base64) {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      this.pcm.push(bytes);
      this.firstAudio ??= this.now;
      const [from, to] = player.play(bytes, this);
      if (!utterance) return;
      utterance.at.spoken ??= from;
      utterance.at.spokenEnd = to;
    }
    get list() { return [...this.utterances.values()].filter((one) => one.heard || one.heardTail || one.said || one.saidTail || one.end); }
    /** Seconds from the end of the words, or from the start of the request, to something that happened. */
    after(utterance, what) {
      const at = utterance.at[what];
      if (at === undefined) return null;
      return this.live ? at - (utterance.end ?? at) : at;
    }
    /** Seconds of sound translated in a second. */
    get speed() { return this.length && this.ended ? this.length / this.ended : null; }
    /** Seconds from the end of an utterance to the end of its translation: the median. */
    get lag() {
      const lags = this.list.filter((one) => one.end !== null && one.at.saidEnd !== undefined).map((one) => this.after(one, "saidEnd")).sort((a, b) => a - b);
      return lags.length ? lags[Math.floor(lags.length / 2)] : null;
    }
  }

  // --- speech that is played as it comes ----------------------------------------------------------------------------

  const player = {
    context: null,
    next: 0,
    playing: new Set(),
    open() {
      this.context ??= new AudioContext();
      this.context.resume();
      this.next = 0;
    },
    /** Plays after what plays already; gives from when to when, in seconds of the run. */
    play(bytes, of) {
      const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
      const seconds = samples.length / SPEAKING;
      if (!$("play").checked || !this.context || !samples.length) return [of.now, of.now];
      const buffer = this.context.createBuffer(1, samples.length, SPEAKING);
      const channel = buffer.getChannelData(0);
      for (let i = 0; i < samples.length; i++) channel[i] = samples[i] / 32768;
      const source = this.context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.context.destination);
      const begin = Math.max(this.context.currentTime + 0.05, this.next);
      source.start(begin);
      this.next = begin + seconds;
      this.playing.add(source);
      source.onended = () => this.playing.delete(source);
      const from = of.now + begin - this.context.currentTime;
      return [from, from + seconds];
    },
    hush() {
      for (const source of this.playing) source.stop();
      this.playing.clear();
      this.next = 0;
    },
  };

  // --- the file API -------------------------------------------------------------------------------------------------

  const headers = () => (key() ? { Authorization: `Bearer ${key()}` } : {});
  const key = () => $("key").value.trim();

  /** What is asked about: a picked film with its pictures, anything else by its sound. */
  function part(source) {
    const film = waySelected() === "file" && !$("video").hidden && $("video").videoWidth > 0;
    return film ? { type: "video_url", video_url: { url: source } } : { type: "input_audio", input_audio: { data: source } };
  }

  function body(source) {
    const languages = { target_lang: $("target").value };
    if ($("source").value) languages.source_lang = $("source").value;
    const asked = {
      model: FILE_MODEL,
      messages: [{ role: "user", content: [part(source)] }],
      translation_options: languages,
      stream: true,
      stream_options: { include_usage: true },
    };
    if (speaks()) Object.assign(asked, { modalities: ["text", "audio"], audio: { voice: $("voice").value, format: "wav" } });
    return asked;
  }

  /** Asks for a translation and takes its events; the progress of the sending is shown. */
  function ask(of, source) {
    const asked = body(source);
    asked.translation_options.utterances = true;
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      let read = 0;
      const take = () => {
        const text = request.responseText;
        for (let end; (end = text.indexOf("\n\n", read)) >= 0; read = end + 2) {
          const line = text.slice(read, end);
          if (line.startsWith("data: {")) chunk(of, JSON.parse(line.slice(6)), fail);
          else if (line === "data: [DONE]") of.whole = true;
        }
      };
      request.open("POST", "/v1/chat/completions");
      for (const [name, value] of Object.entries({ "Content-Type": "application/json", ...headers() })) request.setRequestHeader(name, value);
      if (of.way === "file") {
        request.upload.onprogress = (event) => sent(event.loaded / event.total, event.total);
        request.upload.onload = () => sent(1);
      }
      request.onprogress = () => request.status === 200 && take();
      request.onload = () => {
        if (request.status !== 200) return fail(refusal(request.status, request.responseText));
        take();
        return of.whole ? done() : fail(new Error("The answer broke off. Please try again."));
      };
      request.onerror = () => fail(new Error(of.whole === undefined && request.status ? "The answer broke off. Please try again." : UNREACHABLE));
      request.onabort = () => done();
      of.stop = () => request.abort();
      request.send(JSON.stringify(asked));
    });
  }

  function chunk(of, told, fail) {
    if (told.error) return fail(new Error(told.error.message));
    if (told.usage) of.tokens = { in: told.usage.prompt_tokens, out: told.usage.completion_tokens };
    const utterance = told.utterance === undefined ? null : of.of(told.utterance);
    if (told.span) {
      utterance.start ??= told.span.start;
      utterance.end = told.span.end;
      of.length = Math.max(of.length, told.span.end);
    }
    if (told.heard) {
      utterance.language = told.heard.language;
      of.heard(utterance, utterance.heard + told.heard.text);
    }
    for (const { delta } of told.choices) {
      if (delta.content) of.says(utterance, utterance.said + (utterance.said ? delta.content : delta.content.trimStart()));
      if (delta.audio) of.speaks(utterance, delta.audio.data);
    }
    finished(of);
    return changed();
  }

  /** An utterance of a file is whole once the next one speaks. */
  function finished(of, all = false) {
    const told = of.list;
    const last = told.findLastIndex((one) => one.said);
    told.forEach((one, index) => (all || index < last) && whole(of, one));
  }

  // --- the realtime socket ------------------------------------------------------------------------------------------

  class Socket {
    constructor(of) {
      this.of = of;
      this.items = new Map();
      this.sources = new Map();
      this.current = null;
      this.failure = null;
      this.ready = new Promise((ready, fail) => Object.assign(this, { isReady: ready, isNotReady: fail }));
      this.done = new Promise((done) => (this.isDone = done));
      const kinds = key() ? ["realtime", `openai-insecure-api-key.${key()}`] : [];
      this.socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api-ws/v1/realtime?model=${LIVE_MODEL}`, kinds);
      this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
      this.socket.onclose = (event) => this.closed(event);
    }
    send(type, fields = {}) {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type, ...fields }));
    }
    hear(pcm) {
      this.send("input_audio_buffer.append", { audio: toBase64(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)) });
      this.of.length += pcm.length / HEARING;
    }
    get waiting() { return this.socket.bufferedAmount; }
    finish() { this.send("session.finish"); }
    configure() {
      const session = liveSession();
      if ($("source").value) session.input_audio_transcription.language = $("source").value;
      this.send("session.update", { session });
    }
    closed({ code, reason }) {
      if (!this.over) this.failure ??= new Error(code === 1006 ? UNREACHABLE : `The server ended the session: ${reason || code}.`);
      this.isNotReady(this.failure);
      this.isDone();
    }
    take(event) {
      const { of } = this;
      const utterance = this.items.get(event.item_id);
      switch (event.type) {
        case "session.created": return this.configure();
        case "session.updated": return this.isReady();
        case "session.finished":
          this.over = true;
          this.socket.close();
          break;
        case "error":
          this.failure = new Error(event.error.message);
          this.isNotReady(this.failure);
          break;
        case "input_audio_buffer.speech_started": this.started = event.audio_start_ms / 1000; break;
        case "input_audio_buffer.speech_stopped":
          if (this.current) this.current.end = event.audio_end_ms / 1000;
          break;
        case "conversation.item.created": this.item(event); break;
        case "conversation.item.input_audio_transcription.text": of.heard(utterance, event.text, event.stash); break;
        case "conversation.item.input_audio_transcription.completed":
          utterance.language = event.language;
          of.heard(utterance, event.transcript);
          break;
        case "response.text.text":
        case "response.audio_transcript.text": of.says(utterance, event.text, event.stash); break;
        case "response.text.done":
        case "response.audio_transcript.done": of.says(utterance, event.text ?? event.transcript); break;
        case "response.audio.delta": of.speaks(utterance, event.delta); break;
        case "response.done": this.responded(event.response); break;
      }
      return changed();
    }
    item({ item, previous_item_id: before }) {
      if (item.content.length) {
        this.current = this.of.of(item.id);
        this.current.start = this.started;
        this.items.set(item.id, this.current);
      } else this.items.set(item.id, this.items.get(before));
    }
    responded({ usage, output }) {
      const { of } = this;
      of.tokens = { in: (of.tokens?.in ?? 0) + usage.input_tokens, out: (of.tokens?.out ?? 0) + usage.output_tokens };
      const utterance = this.items.get(output[0]?.id);
      if (utterance) whole(of, utterance);
    }
  }

  function liveSession() {
    return {
      modalities: speaks() ? ["text", "audio"] : ["text"],
      voice: LIVE_VOICES[$("voice").value] ?? null,
      translation: { language: $("target").value },
      input_audio_transcription: { model: "qwen3-asr-flash-realtime" },
      turn_detection: { type: "server_vad", threshold: 0.2, silence_duration_ms: 700 },
    };
  }

  function toBase64(bytes) {
    let text = "";
    for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
    return btoa(text);
  }

  // --- three ways in ------------------------------------------------------------------------------------------------

  async function translateFile(of, file) {
    const decoded = decode(file);
    if (file.size > MOST_IN_A_REQUEST) return pour(of, await decoded);
    decoded.then((pcm) => {
      of.length = Math.max(of.length, pcm.length / HEARING);
      of.peaks = peaks(pcm);
      changed();
    }, () => {}); // the server reads more formats than browsers do: without a waveform, then
    return ask(of, await dataUrl(file));
  }

  const dataUrl = (file) => new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.replace(/^data:[^,]*,/, "data:;base64,"));
    reader.onerror = () => fail(new Error("The file cannot be read."));
    reader.readAsDataURL(file);
  });

  async function decode(file) {
    const context = new OfflineAudioContext(1, 1, HEARING);
    const sound = await context.decodeAudioData(await file.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, number) => sound.getChannelData(number));
    return Int16Array.from(channels[0], (_, at) => 32767 * Math.max(-1, Math.min(1, channels.reduce((sum, one) => sum + one[at], 0) / channels.length)));
  }

  /** What is too large for one request goes through the realtime socket, as fast as the server takes it. */
  async function pour(of, pcm) {
    const socket = new Socket(of);
    of.stop = () => { socket.over = true; socket.socket.close(); };
    await socket.ready;
    for (let start = 0; start < pcm.length && !of.over && !socket.failure; start += HEARING / 2) {
      const part = pcm.slice(start, start + HEARING / 2);
      of.peaks.push(...peaks(part));
      socket.hear(part);
      sent(Math.min(1, (start + part.length) / pcm.length));
      while (socket.waiting > 500000 && socket.socket.readyState === WebSocket.OPEN) await new Promise((next) => setTimeout(next, 50));
    }
    socket.finish();
    await socket.done;
    if (socket.failure && !of.over) throw socket.failure;
  }

  async function translateMicrophone(of) {
    const stream = await microphone();
    const context = new AudioContext();
    const socket = new Socket(of);
    const leave = () => {
      stream.getTracks().forEach((track) => track.stop());
      if (context.state !== "closed") context.close();
      $("level").value = 0;
    };
    try {
      await context.audioWorklet.addModule("/playground/app.js");
      await socket.ready;
      const taker = new AudioWorkletNode(context, "taker", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      of.began = performance.now();
      taker.port.onmessage = ({ data }) => {
        socket.hear(data);
        const heights = peaks(data);
        of.peaks.push(...heights);
        $("level").value = Math.max(...heights);
        changed();
      };
      context.createMediaStreamSource(stream).connect(taker);
      await context.resume();
      state("busy", "listening");
      of.stop = () => {
        leave();
        socket.finish();
        state("busy", "finishing");
      };
      await socket.done;
      if (socket.failure) throw socket.failure;
    } finally {
      leave();
      socket.over = true;
      socket.socket.close();
    }
  }

  async function microphone() {
    if (!navigator.mediaDevices) throw new Error("Browsers give the microphone only to pages of this machine, or under https.");
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      const words = {
        NotAllowedError: "The browser may not use the microphone. Allow it beside the address, and try again.",
        NotFoundError: "There is no microphone.",
        NotReadableError: "The microphone is in use by another program.",
      };
      throw new Error(words[error.name] ?? "The microphone cannot be used.");
    }
  }

  /** The loudest of each fiftieth of a second, 0 to 1. */
  function peaks(pcm) {
    const size = HEARING / PEAKS;
    const found = [];
    for (let start = 0; start + size <= pcm.length; start += size) {
      let most = 0;
      for (let i = start; i < start + size; i++) most = Math.max(most, Math.abs(pcm[i]));
      found.push(most / 32768);
    }
    return found;
  }

  // --- errors, in words ---------------------------------------------------------------------------------------------

  const UNREACHABLE = "The server does not answer. Is it still running?";

  function refusal(status, text) {
    let message = `The server refused with status ${status}.`;
    try { message = JSON.parse(text).error.message || message; } catch { /* no envelope: a proxy's answer */ }
    return Object.assign(new Error(message), { status });
  }

  function complain(error) {
    if (error.status === 401) askForKey();
    $("error").textContent = error.status === 401 ? "This server wants a key, and this is none of its keys. Enter it under “Key”." : error.message;
    $("error").hidden = false;
    $("error").scrollIntoView({ block: "nearest" });
    state("bad", "failed");
  }

  function askForKey() {
    $("keys").open = true;
    $("key").focus();
  }

  function state(is, words) {
    $("state").dataset.is = is;
    $("state").textContent = words;
  }

  // --- subtitles: cues of at most 7 s and two lines, as the command line makes them ----------------------------------

  const room = (language) => ({ zh: 16, yue: 16, ja: 16, ko: 16, th: 35 })[language] ?? 42;
  const SIGNS = /[.!?…;:,。！？；：，、।]$/;

  function breaks(text, language) {
    const places = [];
    for (let at = 1; at < text.length; at++) {
      if (dense(language) ? !/[，。、！？；：”’）》」』,.!?;:)%]/.test(text[at]) : /\s/.test(text[at])) places.push(at);
    }
    return places;
  }

  function parts(text, count, language) {
    const places = breaks(text, language);
    const chosen = [];
    for (let number = 1; number < count; number++) {
      const wanted = (text.length * number) / count;
      const far = (place) => Math.abs(place - wanted) - (SIGNS.test(text.slice(0, place)) ? text.length / count / 3 : 0);
      const free = places.filter((place) => place > (chosen.at(-1) ?? 0));
      if (free.length) chosen.push(free.reduce((best, place) => (far(place) < far(best) ? place : best)));
    }
    return [0, ...chosen].map((from, index) => text.slice(from, chosen[index] ?? text.length).trim()).filter(Boolean);
  }

  /** Lines that fit, or null if there would be more than `rows`. */
  function lines(text, language, rows) {
    const fits = (line) => line.length <= room(language);
    if (fits(text)) return [text];
    const found = parts(text, rows, language);
    return found.length <= rows && found.every(fits) ? found : null;
  }

  function cues(of, both) {
    const made = [];
    for (const one of of.list) {
      if (!one.said.trim() || one.start === null) continue;
      const [said, heard] = [one.said.trim(), both ? one.heard.trim() : ""];
      const [rows, end] = [both ? 1 : 2, one.end ?? one.start + 4];
      let upper, lower;
      for (let count = Math.max(1, Math.ceil((end - one.start) / 7)); count <= said.length; count++) {
        upper = parts(said, count, of.target).map((part) => lines(part, of.target, rows));
        lower = heard ? parts(heard, count, one.language).map((part) => lines(part, one.language, 1)) : [];
        if ([...upper, ...lower].every(Boolean)) break;
      }
      const whole = upper.reduce((sum, part) => sum + (part ?? [said]).join(" ").length, 0);
      let at = 0;
      upper.forEach((part, index) => {
        const text = part ?? [said];
        const from = one.start + ((end - one.start) * at) / whole;
        at += text.join(" ").length;
        const to = one.start + ((end - one.start) * at) / whole;
        made.push({ from, to: Math.min(to, from + 7), lines: [...text, ...(lower[index] ?? [])] });
      });
    }
    made.forEach((cue, index) => {
      const next = made[index + 1]?.from ?? Infinity;
      cue.to = Math.min(Math.max(cue.to, Math.min(cue.from + 1, next)), next);
    });
    return made.filter((cue) => cue.to > cue.from);
  }

  function stamp(seconds, comma) {
    const all = Math.round(seconds * 1000);
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    return `${two(all / 3600000)}:${two((all / 60000) % 60)}:${two((all / 1000) % 60)}${comma}${String(all % 1000).padStart(3, "0")}`;
  }

  const srt = (list) => list.map((cue, index) => `${index + 1}\n${stamp(cue.from, ",")} --> ${stamp(cue.to, ",")}\n${cue.lines.join("\n").replaceAll("-->", "→")}\n`).join("\n");
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const vtt = (list) => `WEBVTT\n\n${list.map((cue) => `${stamp(cue.from, ".")} --> ${stamp(cue.to, ".")}\n${escaped(cue.lines.join("\n"))}\n`).join("\n")}`;
  const texts = (list, both) => list.filter((one) => one.said).map((one) => (both ? `${one.heard.trim()}\n${one.said.trim()}\n` : one.said.trim())).join("\n") + "\n";

  function wav(pieces) {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const head = new DataView(new ArrayBuffer(44));
    const words = (at, text) => [...text].forEach((sign, index) => head.setUint8(at + index, sign.charCodeAt(0)));
    words(0, "RIFF"); head.setUint32(4, 36 + size, true); words(8, "WAVEfmt ");
    [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, SPEAKING, 4], [28, SPEAKING * 2, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, value, bytes]) => (bytes === 4 ? head.setUint32(at, value, true) : head.setUint16(at, value, true)));
    words(36, "data"); head.setUint32(40, size, true);
    return new Blob([head, ...pieces], { type: "audio/wav" });
  }

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${(picked?.name ?? "translation").replace(/\.[^.]*$/, "")}.${run.target}.${name}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- the same from a program --------------------------------------------------------------------------------------

  const inline = (value) => JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, " ");
  const indent = (value, by) => `{\n${Object.entries(value).map(([name, one]) => `${by}  "${name}": ${inline(one)}`).join(",\n")}\n${by}}`;
  const SLOT = "$SOUND";

  function program(kind) {
    const base = location.origin;
    const way = waySelected();
    if (way === "microphone") return liveProgram(kind, base);
    const asked = body(way === "link" ? $("link").value || "https://example.org/talk.mp3" : SLOT);
    const file = picked?.name ?? "talk.wav";
    if (kind === "curl") return curl(asked, base, file);
    return kind === "python" ? python(asked, base, file) : node(asked, base, file);
  }

  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const bearer = (before) => (key() ? `${before}"Authorization: Bearer $LIVETRANSLATE_KEY" ` : "");

  function curl(asked, base, file) {
    const [before, after] = indent(asked, "").split(SLOT);
    const send = `curl -sN ${base}/v1/chat/completions ${bearer("-H ")}-H 'Content-Type: application/json' -d @-`;
    if (after === undefined) return `${send} <<'END'\n${before}\nEND`;
    return `{ printf %s ${quoted(`${before}data:;base64,`)}\n  base64 -w 0 ${quoted(file)}\n  printf %s ${quoted(after)}\n} | ${send}`;
  }

  const pythonic = (text) => text.replaceAll(/\btrue\b/g, "True").replaceAll(/\bnull\b/g, "None");

  function python(asked, base, file) {
    const { model, messages, translation_options, stream_options, modalities, audio } = asked;
    const local = JSON.stringify(messages).includes(SLOT);
    const sound = local ? `with open(${JSON.stringify(file)}, "rb") as file:\n    sound = "data:;base64," + base64.b64encode(file.read()).decode()\n\n` : "";
    const content = pythonic(inline(messages)).replace(JSON.stringify(SLOT), "sound");
    const spoken = modalities ? `    modalities=${JSON.stringify(modalities)},\n    audio=${JSON.stringify(audio)},\n` : "";
    const keyed = key() ? `os.environ["LIVETRANSLATE_KEY"]` : `"none"`;
    return [
      `${modalities || local ? "import base64\n" : ""}${key() ? "import os\n" : ""}\nfrom openai import OpenAI\n\n${sound}client = OpenAI(base_url="${base}/v1", api_key=${keyed})`,
      `stream = client.chat.completions.create(\n    model="${model}",\n    messages=${content},\n${spoken}    stream=True,\n    stream_options=${pythonic(inline(stream_options))},\n    extra_body={"translation_options": ${JSON.stringify(translation_options)}},\n)`,
      `${modalities ? `speech = open("speech.pcm", "wb")  # 24 kHz, mono, 16 bit\n` : ""}for chunk in stream:\n    if chunk.choices:\n        delta = chunk.choices[0].delta\n        print(delta.content or "", end="", flush=True)${modalities ? `\n        if getattr(delta, "audio", None):\n            speech.write(base64.b64decode(delta.audio.data))` : ""}`,
    ].join("\n");
  }

  function node(asked, base, file) {
    const local = JSON.stringify(asked).includes(SLOT);
    const sound = local ? `const sound = "data:;base64," + (await readFile(${JSON.stringify(file)})).toString("base64");\n` : "";
    const keyed = key() ? ", Authorization: `Bearer ${process.env.LIVETRANSLATE_KEY}`" : "";
    return `${local ? `import { readFile } from "node:fs/promises";\n\n` : ""}${sound}const answer = await fetch("${base}/v1/chat/completions", {
  method: "POST",
  headers: { "Content-Type": "application/json"${keyed} },
  body: JSON.stringify(${indent(asked, "  ").replace(JSON.stringify(SLOT), "sound")}),
});
let held = "";
for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
  const lines = (held + piece).split("\\n\\n");
  held = lines.pop();
  for (const line of lines) {
    if (!line.startsWith("data: {")) continue;
    const { choices, error } = JSON.parse(line.slice(6));
    if (error) throw new Error(error.message);
    process.stdout.write(choices[0]?.delta.content ?? "");${asked.modalities ? "\n    // choices[0].delta.audio.data: Base64 of 16-bit PCM at 24 kHz" : ""}
  }
}`;
  }

  function liveProgram(kind, base) {
    const url = `${base.replace(/^http/, "ws")}/api-ws/v1/realtime?model=${LIVE_MODEL}`;
    const session = liveSession();
    if (kind === "curl") return `# curl speaks no realtime protocol. On the command line, with the same profile:\narecord -t raw -f S16_LE -r 16000 -c 1 | livetranslate live - --to ${session.translation.language}`;
    if (kind === "python") {
      const header = key() ? `, additional_headers={"Authorization": "Bearer " + os.environ["LIVETRANSLATE_KEY"]}` : "";
      return `# arecord -t raw -f S16_LE -r 16000 -c 1 | python live.py
import asyncio, base64, json${key() ? ", os" : ""}, sys
from websockets.asyncio.client import connect

async def main():
    async with connect("${url}"${header}) as socket:
        await socket.send(json.dumps({"type": "session.update", "session": ${pythonic(indent(session, "        "))}}))
        async def speak():
            while pcm := await asyncio.to_thread(sys.stdin.buffer.read, 3200):
                await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}))
            await socket.send(json.dumps({"type": "session.finish"}))
        speaking = asyncio.create_task(speak())
        async for frame in socket:
            event = json.loads(frame)
            if event["type"] in ("response.text.done", "response.audio_transcript.done"):
                print(event.get("text") or event.get("transcript"))
            elif event["type"] == "session.finished":
                break

asyncio.run(main())`;
    }
    const protocols = key() ? ', ["realtime", `openai-insecure-api-key.${process.env.LIVETRANSLATE_KEY}`]' : "";
    return `// arecord -t raw -f S16_LE -r 16000 -c 1 | node live.mjs
const socket = new WebSocket("${url}"${protocols});
const send = (type, fields) => socket.send(JSON.stringify({ type, ...fields }));
socket.onopen = async () => {
  send("session.update", { session: ${indent(session, "  ")} });
  for await (const pcm of process.stdin) send("input_audio_buffer.append", { audio: pcm.toString("base64") });
  send("session.finish");
};
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  if (event.type.endsWith(".done") && (event.text || event.transcript)) console.log(event.text ?? event.transcript);
  if (event.type === "session.finished") socket.close();
};`;
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  let drawing = 0;
  function changed() {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      if (!run) return;
      showTalk();
      showFigures();
      showTimeline();
    });
  }

  function whole(of, utterance) {
    if (utterance.whole || !utterance.said) return;
    utterance.whole = true;
    $("announce").textContent = utterance.said;
    caption();
  }

  function showFigures() {
    $("first-text").textContent = inSeconds(run.firstText);
    $("first-audio").textContent = inSeconds(run.firstAudio);
    $("lag-name").textContent = run.live ? "Lag of text" : "Speed";
    $("lag").textContent = run.live ? inSeconds(run.lag) : run.speed ? `${run.speed.toFixed(1)} ×` : "–";
    $("length").textContent = run.length ? clock(run.length) : "–";
    $("tokens-in").textContent = run.tokens?.in ?? "–";
    $("tokens-out").textContent = run.tokens?.out ?? "–";
    const some = run.list.some((one) => one.said);
    for (const name of ["txt", "srt", "vtt"]) $(`save-${name}`).disabled = !some;
    $("save-wav").disabled = !run.pcm.length;
  }

  function showTalk() {
    const [list, talk] = [run.list, $("talk")];
    const below = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
    $("empty").hidden = list.length > 0;
    list.forEach((one, index) => {
      const row = talk.children[index] ?? talk.appendChild(newRow());
      const [when, heard, said, times] = row.children;
      put(when, one.start === null ? "" : `${clock(one.start)}–${one.end === null ? "" : clock(one.end)}`);
      words(heard, one.heard, one.heardTail, one.language ?? $("source").value);
      words(said, one.said, one.saidTail, run.target);
      const told = [["heard", "heardEnd"], ["translated", "saidEnd"], ["spoken", "spoken"]].map(([name, what]) => [name, run.after(one, what)]);
      const after = run.live ? " after the words" : "";
      const since = run.live ? "" : "after ";
      put(times, told.filter(([, at]) => at !== null && (!run.live || one.end !== null)).map(([name, at]) => `${name} ${since}${at.toFixed(1)} s${after}`).join(" · "));
    });
    if (below) talk.scrollTop = talk.scrollHeight;
  }

  function newRow() {
    const row = document.createElement("li");
    for (const name of ["when", "heard", "said", "times"]) row.appendChild(document.createElement("p")).className = name;
    return row;
  }

  function put(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }

  function words(place, text, tail, language) {
    if (place.dataset.is === `${text}|${tail}`) return;
    place.dataset.is = `${text}|${tail}`;
    if (language) place.lang = language;
    place.dir = "auto";
    const guess = document.createElement("span");
    guess.className = "tail";
    guess.textContent = tail;
    place.replaceChildren(text, ...(tail ? [guess] : []));
  }

  function caption() {
    const track = $("video").textTracks[0];
    if ($("video").hidden || !track) return;
    [...(track.cues ?? [])].forEach((cue) => track.removeCue(cue));
    for (const cue of cues(run, $("both").checked)) track.addCue(new VTTCue(cue.from, cue.to, escaped(cue.lines.join("\n"))));
  }

  const SOUND = 64, LANE = 22;

  function showTimeline() {
    const [canvas, list] = [$("timeline"), run.list];
    const ends = list.flatMap((one) => Object.values(one.at));
    const total = Math.max(run.length, 5, ...ends, run.ended === null ? run.now : 0);
    const width = Math.round(Math.min(16000, Math.max($("scroll").clientWidth, total * 8)));
    const height = SOUND + 20 + 3 * LANE, scale = width / total, sharp = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * sharp)) canvas.width = Math.round(width * sharp);
    if (canvas.height !== Math.round(height * sharp)) canvas.height = Math.round(height * sharp);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(`--${name}`);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    drawSound(pen, ink, scale, width, total, list);
    [["heard", "heard"], ["said", "said"], ["spoken", "spoken"]].forEach(([what, color], lane) => {
      const top = SOUND + 20 + lane * LANE;
      for (const one of list) {
        if (one.at[what] === undefined) continue;
        const [from, to] = [one.at[what] * scale, one.at[`${what}End`] * scale];
        pen.fillStyle = ink(color);
        pen.beginPath();
        pen.roundRect(from, top + 3, Math.max(5, to - from), LANE - 6, 3);
        pen.fill();
      }
    });
    label(canvas, list);
    if (run.live && run.ended === null) $("scroll").scrollLeft = width;
  }

  function drawSound(pen, ink, scale, width, total, list) {
    pen.fillStyle = ink("wave");
    for (let x = 0; x < width; x++) {
      const from = Math.floor((x / scale) * PEAKS), to = Math.max(from + 1, Math.floor(((x + 1) / scale) * PEAKS));
      let most = 0;
      for (let i = from; i < to && i < run.peaks.length; i++) most = Math.max(most, run.peaks[i]);
      if (from < run.peaks.length) pen.fillRect(x, SOUND / 2 - (most * SOUND) / 2, 1, Math.max(1, most * SOUND));
    }
    pen.font = "11px system-ui, sans-serif";
    for (const one of list) {
      if (one.start === null) continue;
      const end = one.end ?? Math.max(one.start, run.length);
      pen.fillStyle = ink("span");
      pen.fillRect(one.start * scale, 0, (end - one.start) * scale, SOUND);
      pen.fillStyle = ink("accent");
      pen.fillRect(one.start * scale, 0, 2, SOUND);
      if ((end - one.start) * scale > 14) pen.fillText(String(one.number + 1), one.start * scale + 5, 12);
    }
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((seconds) => seconds * scale > 48) ?? 1200;
    pen.fillStyle = ink("soft");
    for (let at = 0; at < total; at += step) {
      pen.fillRect(Math.round(at * scale), SOUND, 1, 5);
      if (at * scale < width - 30) pen.fillText(clock(at), at * scale + 3, SOUND + 14);
    }
  }

  function label(canvas, list) {
    const said = list.filter((one) => one.said).length;
    canvas.setAttribute("aria-label", list.length ? `${clock(run.length)} of sound, ${list.length} utterances, ${said} translated; the list below has their times` : "Nothing yet");
  }

  // --- the form -----------------------------------------------------------------------------------------------------

  const waySelected = () => document.querySelector("input[name=way]:checked").value;
  const codeSelected = () => document.querySelector("input[name=code]:checked").value;
  const speaks = () => $("speak").checked && !$("speak").disabled;

  function pick(file) {
    picked = file;
    $("picked").hidden = !file;
    $("picked").textContent = file ? `${file.name}, ${(file.size / 1048576).toFixed(1)} MB` : "";
    const video = $("video");
    if (video.src) URL.revokeObjectURL(video.src);
    video.hidden = !file?.type.startsWith("video/");
    if (video.hidden) video.removeAttribute("src");
    else video.src = URL.createObjectURL(file);
    showForm();
  }

  function showForm() {
    const way = waySelected();
    for (const name of ["file", "link", "microphone"]) $(`way-${name}`).hidden = name !== way;
    const target = $("target").value, can = abilities?.spoken_languages.includes(target) ?? true;
    $("speak").disabled = !can;
    $("unspoken").hidden = can;
    $("unspoken").textContent = `${nameOf(target || "en")} is not spoken by this server: text only.`;
    $("voice").disabled = $("play").disabled = !speaks();
    $("video").classList.toggle("off", way !== "file");
    $("start").textContent = way === "microphone" ? "Listen" : "Translate";
    $("head-target").textContent = target ? nameOf(target) : "Translated";
    $("head-source").textContent = $("source").value ? nameOf($("source").value) : "Heard";
    $("code").textContent = program(codeSelected());
  }

  function sent(share, bytes) {
    $("upload").hidden = false;
    $("sent").value = share;
    $("sent-text").textContent = `${Math.round(100 * share)} %${bytes ? ` of ${(bytes / 1048576).toFixed(1)} MB` : ""}`;
  }

  function begin(way) {
    player.hush();
    player.open();
    $("error").hidden = $("upload").hidden = $("speech").hidden = true;
    $("talk").replaceChildren();
    const video = $("video");
    if (!video.textTracks.length) video.addTextTrack("captions", "Translation").mode = "showing";
    $("start").disabled = true;
    $("stop").disabled = false;
    state("busy", "translating");
    run = new Run(way, $("target").value, way === "microphone");
    caption();
    changed();
    if (matchMedia("(width < 60rem)").matches) $("results").scrollIntoView();
    return run;
  }

  async function start() {
    const way = waySelected();
    if (way === "file" && !picked) return complain(new Error("Pick a file first."));
    if (way === "link" && !/^https?:\/\/\S+$/.test($("link").value.trim())) return complain(new Error("The address must begin with http:// or https://"));
    const of = begin(way);
    const ticking = setInterval(changed, 200);
    try {
      if (way === "file") await translateFile(of, picked);
      else if (way === "link") await ask(of, $("link").value.trim());
      else await translateMicrophone(of);
      state("ready", of.over ? "stopped" : "done");
    } catch (error) {
      if (way !== "file" || of.whole === undefined) await explain(error);
      complain(error);
    } finally {
      clearInterval(ticking);
      of.ended = of.now;
      finished(of, true);
      $("start").disabled = false;
      $("stop").disabled = true;
      showSpeech(of);
      changed();
    }
  }

  /** A socket that is refused tells no reason: the list of models does. */
  async function explain(error) {
    if (error.message !== UNREACHABLE) return;
    const answer = await fetch("/v1/models", { headers: headers() }).catch(() => null);
    if (answer?.status === 401) error.status = 401;
    else if (answer?.ok) error.message = "The server has no place for another session now. Please try again in a moment.";
  }

  function showSpeech(of) {
    if (!of.pcm.length) return;
    if ($("speech").src) URL.revokeObjectURL($("speech").src);
    $("speech").src = URL.createObjectURL(wav(of.pcm));
    $("speech").hidden = false;
  }

  function stop() {
    if (!run || run.over) return;
    if (!run.live) run.over = true;
    player.hush();
    run.stop();
    $("stop").disabled = true;
  }

  function fill(select, values, chosen, name = nameOf) {
    const kept = select.value || chosen;
    for (const value of values) select.append(new Option(name(value), value, false, value === kept));
  }

  async function connect() {
    const answer = await fetch("/v1/models", { headers: headers() }).catch(() => null);
    if (!answer) return complain(new Error(UNREACHABLE));
    if (!answer.ok) {
      state("bad", answer.status === 401 ? "a key is wanted" : "not ready");
      if (answer.status === 401) return key() ? complain(refusal(401, "")) : askForKey();
      return complain(refusal(answer.status, await answer.text()));
    }
    [abilities] = (await answer.json()).data;
    if (!$("target").options.length) {
      fill($("source"), abilities.source_languages);
      fill($("target"), abilities.target_languages, abilities.target_languages.includes("es") ? "es" : abilities.target_languages[0]);
      fill($("voice"), abilities.voices, "Cherry", (name) => name);
    }
    $("profile").textContent = `profile ${abilities.profile}: ${abilities.engines.map((engine) => engine.name).join(", ")}`;
    $("notice").hidden = !abilities.notice;
    $("notice").textContent = abilities.notice ?? "";
    $("error").hidden = true;
    state("ready", "ready");
    return showForm();
  }

  function wire() {
    $("key").value = sessionStorage.getItem("key") ?? "";
    $("ask").addEventListener("submit", (event) => { event.preventDefault(); start(); });
    $("ask").addEventListener("change", showForm);
    $("stop").addEventListener("click", stop);
    $("file").addEventListener("change", () => pick($("file").files[0] ?? null));
    $("key").addEventListener("change", () => { sessionStorage.setItem("key", key()); connect(); });
    $("link").addEventListener("input", showForm);
    const drop = $("drop");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      document.body.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind !== "drop" || !event.dataTransfer.files.length) return;
        document.querySelector("input[name=way][value=file]").checked = true;
        pick(event.dataTransfer.files[0]);
      });
    }
    document.querySelectorAll("input[name=code]").forEach((choice) => choice.addEventListener("change", showForm));
    $("copy").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText($("code").textContent);
        $("copy").textContent = "Copied";
      } catch {
        getSelection().selectAllChildren($("code"));
        $("copy").textContent = "Selected";
      }
      setTimeout(() => ($("copy").textContent = "Copy"), 2000);
    });
    $("both").addEventListener("change", () => run && caption());
    $("save-txt").addEventListener("click", () => save("txt", new Blob([texts(run.list, $("both").checked)], { type: "text/plain" })));
    $("save-srt").addEventListener("click", () => save("srt", new Blob([srt(cues(run, $("both").checked))], { type: "application/x-subrip" })));
    $("save-vtt").addEventListener("click", () => save("vtt", new Blob([vtt(cues(run, $("both").checked))], { type: "text/vtt" })));
    $("save-wav").addEventListener("click", () => save("wav", wav(run.pcm)));
    addEventListener("resize", changed);
    showForm();
    connect();
  }

  wire();
}
