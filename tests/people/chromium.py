"""A headless Chromium that is driven through a pipe: Chrome's DevTools protocol, with nothing but the standard library.

With `--remote-debugging-pipe` Chromium reads commands from file descriptor 3 and writes answers and events to 4, as
JSON that ends in a zero byte. No port is opened, so nothing else on the machine can drive it.
"""

import base64
import json
import os
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 180  # seconds; a machine may have much else to do


class Browser:
    """One page of one browser."""

    def __init__(self, program: str, profile: Path) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank",
        ]  # fmt: skip
        # The shell puts the pipes where Chromium looks for them.
        shell = ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "chromium", program, *flags]
        self._process = subprocess.Popen(
            shell, pass_fds=(commands, answers), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self._buffer, self._id, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        pages = [found for found in self.call("Target.getTargets")["targetInfos"] if found["type"] == "page"]
        attached = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._commands)
        os.close(self._answers)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._id += 1
        command: dict[str, Any] = {"id": self._id, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self._id:
                assert "error" not in said, (method, said["error"])
                return said["result"]
            self.events.append(said)

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            assert select.select([self._answers], [], [], max(deadline - time.monotonic(), 0))[0], "no answer"
            part = os.read(self._answers, 1 << 16)
            assert part, "the browser ended"
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(line)

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script: str) -> None:
        """Wait until a script gives something true; pages may come and go meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if self.run(script):
                    return
            except AssertionError as error:
                # The page went away while it was asked, or is not there yet.
                if not any(said in str(error) for said in ("context", "navigated")):
                    raise
            assert time.monotonic() < deadline, f"never: {script}"
            time.sleep(0.05)

    def press(self, key: str, **more: Any) -> None:
        """Press and release a key."""
        text = key if len(key) == 1 else ""
        codes = {"Escape": 27, "Enter": 13, "Tab": 9}
        about = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper())), **more}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def look(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Set the size of the window and the scheme of colours."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def shoot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self) -> list[str]:
        """What the page's scripts threw and the browser logged: errors, and what a policy stopped."""
        return [
            json.dumps(said["params"])
            for said in self.events
            if said.get("method") == "Runtime.exceptionThrown"
            or (said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error")
        ]
