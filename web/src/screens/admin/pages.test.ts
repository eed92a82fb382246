import { expect, it } from "vitest";
import { PAGES, pageAt, pagePath } from "./pages";

it("finds every page by its address", () => {
  for (const page of PAGES)
    expect(pageAt(pagePath(page.name).replace("/admin/", ""))).toEqual({ page, rest: "" });
});

it("hands on what stands after the name of the page", () => {
  expect(pageAt("log/42/more/")).toEqual({ page: PAGES.find(({ name }) => name === "log"), rest: "42/more" });
});

it("knows no other", () => {
  for (const rest of ["nothing", "lo", "log2", "/log"]) expect(pageAt(rest)).toBeNull();
});

it("gives each page an address of its own", () => {
  expect(new Set(PAGES.map(({ name }) => name)).size).toBe(PAGES.length);
});
