import { describe, expect, it } from "vitest";
import { nextAfterSignIn, screenAt, signInPath, spacePath } from "./routes";

describe("a URL is a screen", () => {
  it.each([
    ["/", { name: "home" }],
    ["/sign-in", { name: "sign-in", door: "sign-in" }],
    ["/sign-in/library", { name: "sign-in", door: "sign-in", provider: "library" }],
    ["/forgot-password", { name: "sign-in", door: "forgot-password" }],
    ["/new-password", { name: "sign-in", door: "new-password" }],
    ["/sign-in/a/b", { name: "not-found" }],
    ["/settings", { name: "settings" }],
    ["/spaces/k1_A-z", { name: "space", id: "k1_A-z" }],
    ["/spaces/", { name: "not-found" }],
    ["/spaces/a/b", { name: "not-found" }],
    ["/spaces/%2e%2e", { name: "not-found" }],
    ["/moderation", { name: "moderation", rest: "" }],
    ["/moderation/cases/7", { name: "moderation", rest: "cases/7" }],
    ["/admin", { name: "admin", rest: "" }],
    ["/admin/jobs", { name: "admin", rest: "jobs" }],
    ["/administer", { name: "not-found" }],
    ["/messages", { name: "messages", who: "" }],
    ["/messages/@ama_2", { name: "messages", who: "@ama_2" }],
    ["/messages/k1_A-z", { name: "messages", who: "k1_A-z" }],
    ["/messages/a/b", { name: "not-found" }],
    ["/moderations", { name: "not-found" }],
    ["/elsewhere", { name: "not-found" }],
  ])("%s", (path, screen) => {
    expect(screenAt(path)).toEqual(screen);
  });

  it("writes paths it reads again", () => {
    expect(screenAt(spacePath("kitchen"))).toEqual({ name: "space", id: "kitchen" });
  });
});

describe("where signing in leads", () => {
  const leadsTo = (path: string) => nextAfterSignIn(new URL(path, location.origin).search);

  it("goes on where one wanted to go", () => {
    expect(leadsTo(signInPath("/?new"))).toBe("/?new");
    expect(leadsTo(signInPath(spacePath("kitchen")))).toBe("/spaces/kitchen");
  });

  it("goes home without a wish", () => {
    expect(leadsTo("/sign-in")).toBe("/");
  });

  it.each([
    "https://elsewhere.example/",
    "//elsewhere.example/x",
    "/.//elsewhere.example",
    "javascript:alert(1)",
    "\\\\elsewhere.example",
    "http://[",
  ])("never leads to another site: %s", (next) => {
    expect(leadsTo(signInPath(next))).toMatch(/^\/(?!\/)/);
    expect(new URL(leadsTo(signInPath(next)), location.origin).origin).toBe(location.origin);
  });
});
