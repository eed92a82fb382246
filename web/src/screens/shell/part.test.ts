import { expect, it } from "vitest";
import { Part } from "./part.svelte";

/** A part of a server that can be away. */
function part() {
  const server = { isAway: false, asked: 0 };
  const load = () => {
    server.asked++;
    return server.isAway ? Promise.reject(new TypeError("away")) : Promise.resolve("part");
  };
  return { server, part: new Part(load) };
}

it("is asked for once, when it is shown", async () => {
  const { server, part: one } = part();
  expect(server.asked).toBe(0);
  expect(one.asked).toBe(one.asked);
  await one.asked;
  one.again();
  dispatchEvent(new Event("online"));

  expect(await one.asked).toBe("part");
  expect(server.asked).toBe(1);
});

it("that did not come is asked for again: by whoever wants it, and when the network is back", async () => {
  const { server, part: one } = part();
  server.isAway = true;
  await expect(one.asked).rejects.toThrow("away");
  one.again();
  await expect(one.asked).rejects.toThrow("away");
  server.isAway = false;
  await expect(one.asked, "not by itself").rejects.toThrow("away");
  dispatchEvent(new Event("online"));

  expect(await one.asked).toBe("part");
  expect(server.asked).toBe(3);
});
