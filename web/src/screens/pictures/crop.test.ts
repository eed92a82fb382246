import { expect, test } from "vitest";
import { moved, sentSize, squareOf } from "./crop";

const MIDDLE = { zoom: 1, across: 0.5, down: 0.5 };

test("the middle square of a picture is seen first", () => {
  expect(squareOf(400, 200, MIDDLE)).toEqual({ x: 100, y: 0, side: 200 });
  expect(squareOf(200, 400, MIDDLE)).toEqual({ x: 0, y: 100, side: 200 });
});

test("nearer is a smaller square of it, and no edge is crossed", () => {
  expect(squareOf(400, 200, { zoom: 2, across: 1, down: 1 })).toEqual({ x: 300, y: 100, side: 100 });
  expect(squareOf(400, 200, { zoom: 99, across: -3, down: 7 })).toEqual({ x: 0, y: 150, side: 50 });
});

test("drawing the picture to the right shows what is left of it", () => {
  expect(moved(400, 200, MIDDLE, 0.5, 0.5)).toEqual({ zoom: 1, across: 0, down: 0.5 });
  expect(moved(400, 200, { ...MIDDLE, zoom: 2 }, -0.5, 0.5)).toMatchObject({
    across: 0.5 + 50 / 300,
    down: 0,
  });
});

test("a picture is made no larger than it is, and keeps its shape", () => {
  expect(sentSize(300, 200, 1600)).toEqual([300, 200]);
  expect(sentSize(8000, 4000, 1600)).toEqual([1600, 800]);
  expect(sentSize(4096, 1, 1600)).toEqual([1600, 1]);
});
