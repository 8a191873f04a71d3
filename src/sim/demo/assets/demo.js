// The demo's pages: what is clicked goes to the device, what changes comes from it.
"use strict";

const sections = new Map();
for (const section of document.querySelectorAll("section.device")) {
  sections.set(section.dataset.device, section);
}

const trouble = document.getElementById("trouble");
let troubleTimer = 0;

function tell(text) {
  trouble.textContent = text;
  trouble.classList.add("shown");
  clearTimeout(troubleTimer);
  troubleTimer = setTimeout(() => trouble.classList.remove("shown"), 5000);
}

// Clicks go out one after the other, as a worker's do.
let sending = Promise.resolve();

function send(device, act, value) {
  sending = sending.then(async () => {
    try {
      const answer = await fetch(`/device/${device}/${act}`, {
        method: "POST",
        headers: { "x-tallyman-demo": "1", "content-type": "text/plain;charset=utf-8" },
        body: value,
      });
      if (!answer.ok) {
        tell(await answer.text());
      }
    } catch {
      tell("The demo has ended. Start it again with `tallyman demo`.");
    }
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  const section = button?.closest("section.device");
  if (!section) {
    return;
  }
  listen();
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
  send(section.dataset.device, button.dataset.act, button.dataset.value ?? "");
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const section = event.target.closest("section.device");
  const text = event.target.elements.text;
  if (section && text.value !== "") {
    listen();
    send(section.dataset.device, "scan", text.value);
    text.select();
  }
});

// Each device is fetched once at a time; a change that comes meanwhile is fetched after it.
const fetching = new Map();

async function refresh(device) {
  const section = sections.get(device);
  if (!section) {
    return;
  }
  if (fetching.has(device)) {
    fetching.set(device, true);
    return;
  }
  fetching.set(device, false);
  try {
    const answer = await fetch(`/device/${device}/parts`);
    const { version, on, parts } = await answer.json();
    section.classList.toggle("off", !on);
    if (on) {
      section.querySelector("img.screen").src = `/device/${device}/screen.png?v=${version}`;
    }
    for (const [name, html] of Object.entries(parts)) {
      const part = section.querySelector(`[data-part="${name}"]`);
      if (part.dataset.html !== html) {
        part.dataset.html = html;
        part.innerHTML = html;
      }
    }
  } catch {
    // The stream of changes tells when the demo is there again.
  }
  const again = fetching.get(device);
  fetching.delete(device);
  if (again) {
    refresh(device);
  }
}

function refreshAll() {
  for (const device of sections.keys()) {
    refresh(device);
  }
}

// Sound starts with the first click: browsers want it so.
let audio = null;
const sounds = new Map();

function listen() {
  if (audio === null && window.AudioContext) {
    audio = new AudioContext();
  }
}

async function play(cue) {
  if (audio === null) {
    return;
  }
  if (!sounds.has(cue)) {
    const loaded = fetch(`/sound/${cue}.wav`)
      .then((answer) => answer.arrayBuffer())
      .then((bytes) => audio.decodeAudioData(bytes));
    sounds.set(cue, loaded);
  }
  const source = audio.createBufferSource();
  source.buffer = await sounds.get(cue);
  source.connect(audio.destination);
  source.start();
}

function flash(device, cue) {
  const section = sections.get(device);
  if (!section) {
    return;
  }
  section.dataset.cue = "";
  // Twice the same answer is two flashes.
  requestAnimationFrame(() => {
    section.dataset.cue = cue;
  });
  play(cue);
}

const changes = new EventSource("/changes");
changes.addEventListener("open", refreshAll);
changes.addEventListener("missed", refreshAll);
changes.addEventListener("shown", (event) => refresh(JSON.parse(event.data).device));
changes.addEventListener("sounded", (event) => {
  const { device, cue } = JSON.parse(event.data);
  flash(device, cue);
});
changes.addEventListener("error", () => tell("No connection to the demo. Is it still running?"));
