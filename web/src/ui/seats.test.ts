import { describe, expect, it } from "vitest";
import {
  largestSize,
  placeSeats,
  pointAt,
  type Rim,
  rimPath,
  type Sitter,
  seatOrder,
  seatSize,
  span,
} from "./seats";

const PHONE: Rim = { cx: 195, cy: 290, a: 152, b: 222, p: 3.3 };
const STUDIO: Rim = { cx: 326, cy: 300, a: 258, b: 230, p: 3 };
const COUNTS = Array.from({ length: 13 }, (_, i) => i + 1);

/** Length of the rim between two points, measured apart from the code under test. */
function arc(rim: Rim, from: number, to: number): number {
  const points = Array.from({ length: 4001 }, (_, i) => pointAt(rim, from + ((to - from) * i) / 4000));
  return points.slice(1).reduce((sum, point, i) => {
    const before = points[i] ?? point;
    return sum + Math.hypot(point.x - before.x, point.y - before.y);
  }, 0);
}

/** The angle at which a place lies on the rim, found by bisection from the left end of the line. */
function angleOf(rim: Rim, way: number, from: number): number {
  let [low, high] = [from, from + 360];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (arc(rim, from, middle) < way) low = middle;
    else high = middle;
  }
  return low;
}

function sitters(...ids: string[]): Sitter[] {
  return ids.map((id, i) => ({ id, role: i === 0 ? "host" : id.startsWith("co") ? "co_host" : "speaker" }));
}

describe.each([
  ["phone", PHONE, 1],
  ["studio", STUDIO, 1.18],
] as const)("places on the %s table", (_, rim, scale) => {
  it.each(COUNTS)("are symmetric about the top for %i people", (n) => {
    const places = placeSeats(n, rim);

    expect(places).toHaveLength(n);
    places.forEach(({ x, y }, i) => {
      const mirror = places[n - 1 - i];
      expect(x - rim.cx).toBeCloseTo(rim.cx - (mirror?.x ?? Number.NaN), 0);
      expect(y).toBeCloseTo(mirror?.y ?? Number.NaN, 0);
    });
  });

  it.each(COUNTS)("never overlap for %i people, the host's larger pebble included", (n) => {
    const places = placeSeats(n, rim);

    places.slice(1).forEach(({ x, y }, i) => {
      const before = places[i] ?? { x, y };
      expect(Math.hypot(x - before.x, y - before.y)).toBeGreaterThan(seatSize(n) * 1.05 * scale);
    });
  });

  it.each([3, 7, 13])("lie at equal lengths of the rim for %i people", (n) => {
    const from = -90 - span(n) / 2;
    const step = arc(rim, from, -90 + span(n) / 2) / (n - 1);
    const places = placeSeats(n, rim);

    places.slice(1, -1).forEach((place, i) => {
      const due = pointAt(rim, angleOf(rim, step * (i + 1), from));
      expect(Math.hypot(place.x - due.x, place.y - due.y)).toBeLessThan(0.5);
    });
  });
});

describe("places", () => {
  it("put one person alone at the top", () => {
    const [place] = placeSeats(1, PHONE);

    expect(place?.x).toBeCloseTo(195);
    expect(place?.y).toBeCloseTo(68);
  });

  it("are none when nobody sits", () => {
    expect(placeSeats(0, PHONE)).toEqual([]);
  });

  it("spread further with every person", () => {
    COUNTS.slice(1).forEach((n) => {
      expect(span(n)).toBeGreaterThan(span(n - 1));
    });
    expect(span(7)).toBeCloseTo(180.9, 1);
    expect(span(13)).toBeCloseTo(238.2, 1);
  });
});

describe("the size of pebbles", () => {
  it.each(COUNTS.slice(1, 10))("is what the guide asks for with %i names on a whole phone", (n) => {
    expect(largestSize(placeSeats(n, PHONE), 24)).toBeGreaterThanOrEqual(seatSize(n));
  });

  it("shrinks on a low table, so that a name keeps clear of the pebble below it", () => {
    const low = placeSeats(7, { ...PHONE, b: 120 });
    const size = largestSize(low, 24);
    const [first, second] = low;

    expect(size).toBeLessThan(66);
    expect((first?.y ?? 0) - (second?.y ?? 0)).toBeGreaterThanOrEqual(size + 24);
  });

  it("is not bounded for somebody alone", () => {
    expect(largestSize(placeSeats(1, PHONE))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the order of seats", () => {
  it.each(COUNTS)("has the host in the middle, left of it when %i is even", (n) => {
    const line = seatOrder([], sitters("host", ...Array.from({ length: n - 1 }, (_, i) => `s${i}`)));

    expect(line.indexOf("host")).toBe(Math.floor((n - 1) / 2));
    expect(new Set(line).size).toBe(n);
  });

  it("puts co-hosts at the host's sides whenever they arrived", () => {
    const line = seatOrder([], sitters("host", "s1", "co1", "s2", "s3", "s4", "co2"));

    expect(line.slice(2, 5)).toEqual(["co1", "host", "co2"]);
  });

  it("lets later speakers sit further out", () => {
    expect(seatOrder([], sitters("host", "s1", "s2", "s3", "s4"))).toEqual(["s3", "s1", "host", "s2", "s4"]);
  });

  it("moves nobody to the other side when somebody leaves", () => {
    const before = seatOrder([], sitters("host", "s1", "s2", "s3", "s4", "s5", "s6"));

    const after = seatOrder(before, sitters("host", "s2", "s3", "s4", "s5", "s6"));

    expect(after).toEqual(before.filter((id) => id !== "s1"));
  });

  it("gives a newcomer the outer end of the shorter side", () => {
    expect(seatOrder(["s1", "host", "s2", "s3"], sitters("host", "s1", "s2", "s3", "new"))[0]).toBe("new");
    expect(seatOrder(["s1", "host", "s2"], sitters("host", "s1", "s2", "new")).at(-1)).toBe("new");
  });

  it("gives a host who comes back the middle", () => {
    expect(seatOrder(["s1", "s2"], sitters("host", "s1", "s2"))).toEqual(["s1", "host", "s2"]);
  });

  it("starts a new line when nobody from before is left", () => {
    expect(seatOrder(["gone"], sitters("host", "s1"))).toEqual(["host", "s1"]);
  });

  it("does without a host", () => {
    expect(
      seatOrder(
        ["s1", "s2"],
        [
          { id: "s1", role: "speaker" },
          { id: "s2", role: "speaker" },
          { id: "s3", role: "speaker" },
        ],
      ),
    ).toHaveLength(3);
  });
});

it("draws the rim as a closed path that stays inside its box", () => {
  const numbers =
    rimPath(PHONE, 9)
      .match(/-?[\d.]+/g)
      ?.map(Number) ?? [];
  const xs = numbers.filter((_, i) => i % 2 === 0);

  expect(rimPath(PHONE).endsWith("Z")).toBe(true);
  expect(Math.min(...xs)).toBeCloseTo(195 - 143, 0);
  expect(Math.max(...xs)).toBeCloseTo(195 + 143, 0);
});
