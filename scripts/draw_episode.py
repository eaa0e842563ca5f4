"""Draws one episode of the windowed image task on a digit, for docs/windowed.md: what the agent sees at each step.

    .venv/bin/python scripts/draw_episode.py docs/images/windowed.png
"""

import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crosstalk._torch import engine
from crosstalk.data.prepare import prepare

MOVES = ["up", "down", "left", "right"]
SCRIPT = [0, 2, 1, 1, 3, 3, 0, 0]  # round the middle, whatever the image
SIDE, SPACE, SCALE = 32, 14, 4


def pictures(observation):
    """The window's mask and what was revealed (32, 32, 3), as bytes."""
    mask = np.repeat(observation[0][:, :, None], 3, axis=2)
    return [(np.clip(part, 0, 1) * 255).astype(np.uint8) for part in (mask * 0.85 + 0.05, observation[1:].transpose(1, 2, 0))]


def main(path):
    task = engine().Windowed(prepare({"dataset": "digits", "kind": "classify"})["file"], "train")
    image = task.labels.index(6)  # found at the seventh guess of 0, 1, 2, ...
    steps, caption, reward = [task.reset(image)], ["begin"], 0.0
    for guess, move in zip(range(10), SCRIPT):
        observation, earned, right, over = task.step(guess, move)
        reward += earned
        steps.append(observation)
        caption.append(f"{guess}, {MOVES[move]}\n{earned:+.2f}")
        if right or over:
            break
    cell = SIDE * SCALE
    sheet = Image.new("RGB", (len(steps) * (cell + SPACE) + SPACE, 2 * cell + 3 * SPACE + 44), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=17)
    for column, (observation, text) in enumerate(zip(steps, caption)):
        left = SPACE + column * (cell + SPACE)
        pen.multiline_text((left, SPACE // 2), text, fill="black", font=font)
        for row, picture in enumerate(pictures(observation)):
            large = Image.fromarray(picture).resize((cell, cell), Image.NEAREST)
            sheet.paste(large, (left, 44 + SPACE + row * (cell + SPACE)))
    sheet.save(path, optimize=True)
    print(f"{path}: image {image}, {len(steps) - 1} steps, reward {reward:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
