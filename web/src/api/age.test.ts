import { afterEach, expect, it, vi } from "vitest";
import { followAge, learnAge } from "./age";

const told = vi.fn();
let stop = followAge("one", told);

afterEach(() => {
  stop();
  told.mockReset();
});

const answer = (build: string | null, status = 200) =>
  new Response(null, { status, headers: build === null ? {} : { "convivium-build": build } });

it("says nothing of a server that has the same build, or says none", () => {
  stop = followAge("one", told);
  learnAge(answer("one"));
  learnAge(answer(null));

  expect(told).not.toHaveBeenCalled();
});

it("tells of another build, and of a server that understands this page no more", () => {
  stop = followAge("one", told);
  learnAge(answer("two"));
  learnAge(answer("two", 426));

  expect(told.mock.calls).toEqual([["newer"], ["too_old"]]);
});

it("knows nothing where the page came without its build", () => {
  stop = followAge("", told);
  learnAge(answer("two"));

  expect(told).not.toHaveBeenCalled();
});

it("tells nobody who went", () => {
  stop = followAge("one", told);
  stop();
  learnAge(answer("two"));

  expect(told).not.toHaveBeenCalled();
});
