"""Headless Chromium over the DevTools protocol on a pipe: what a reader's browser does with a page. Standard library only."""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time


def executable():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One page. `requests` are the addresses it asked for, `complaints` what its console said."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="browser-")
        ends = [*os.pipe(), *os.pipe()]
        to_browser, self.write, self.read, from_browser = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
        arguments = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                     "--disable-background-networking", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
                     f"--user-data-dir={self.home}", "about:blank"]  # fmt: skip
        quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, to_browser, 3), (os.POSIX_SPAWN_DUP2, from_browser, 4)]  # where Chromium looks
        self.process = os.posix_spawn(executable(), arguments, os.environ, file_actions=quiet + pipes)
        for end in (*ends, to_browser, from_browser):
            os.close(end)
        self.buffer, self.number, self.session = b"", 0, None
        self.requests, self.complaints = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            reply = self._message()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']}")
                return reply["result"]
            self._event(reply)

    def _message(self):
        limit = time.monotonic() + 240
        while b"\0" not in self.buffer:
            if not select.select([self.read], [], [], max(0, limit - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.read, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def _event(self, event):
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])
        if event.get("method") == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        if event.get("method") == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning"):
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in event["params"]["args"]))

    def open(self, file, width=1280, height=900, dark=False):
        self.look(width, height, dark)
        self.call("Page.navigate", url=file.resolve().as_uri())
        self.until("document.readyState === 'complete' && document.documentElement.dataset.drawn >= 1")

    def look(self, width, height=900, dark=False):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)

    def run(self, expression):
        reply = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(reply["exceptionDetails"].get("exception", {}).get("description"))
        return reply["result"].get("value")

    def until(self, condition, seconds=200):
        limit = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > limit:
                raise TimeoutError(f"{condition} does not come true; {self.complaints}")
            time.sleep(0.05)

    def picture(self, file, whole=True):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        extra = {"clip": clip, "captureBeyondViewport": True} if whole else {}
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **extra)["data"]))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (RuntimeError, OSError, TimeoutError):
            pass
        limit = time.monotonic() + 20
        while os.waitpid(self.process, os.WNOHANG) == (0, 0):
            if time.monotonic() > limit:
                os.kill(self.process, signal.SIGKILL)
            time.sleep(0.05)
        os.close(self.write), os.close(self.read)
        shutil.rmtree(self.home, ignore_errors=True)


# Every text that can be seen whose colour has less contrast to what lies behind it than 4.5 to 1 (WCAG's formula).
TOO_FAINT = r"""(() => {
  const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3]));
  const light = (c) => { const f = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
                         return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor); layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((below, c) => over(c, below), parse(getComputedStyle(document.body).backgroundColor).slice(0, 3));
  };
  const faint = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) continue;
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    if (element.closest("button:disabled")) continue;
    const svg = element instanceof SVGElement, style = getComputedStyle(element);
    const back = ground(element), fill = parse(svg ? style.fill : style.color);
    const a = light(over(fill, back)), b = light(back), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    checked++;
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.tagName}.${element.getAttribute("class")}: ${node.data.trim().slice(0, 40)}`);
  }
  return { checked, faint };
})()"""
