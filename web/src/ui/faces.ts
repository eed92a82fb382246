/** Imagined people in cut paper: hair, skin, clothes and what they wear, rolled from an id. Nobody is portrayed. */
import { disc, discs, paper, type Shape, stroke } from "./drawing";
import { ground } from "./grounds";
import { dice, pick } from "./seed";

const DARK_HAIRS = ["#1b1614", "#241814", "#33201a", "#4a2b1d"] as const;
const ANY_HAIRS = ["#1b1614", "#4d2d1c", "#7d4e26", "#b3853f", "#d4ae62", "#a8431f"] as const;
/** Skin, and the hair it is drawn with. */
const PEOPLE = [
  ["#f2cdb0", ANY_HAIRS],
  ["#e9bb98", ANY_HAIRS],
  ["#cf9468", DARK_HAIRS],
  ["#b0764c", DARK_HAIRS],
  ["#86502f", DARK_HAIRS],
  ["#633a25", DARK_HAIRS],
] as const;
const GREYS = ["#8f8c88", "#dcd8cf"] as const;
const CLOTHES = [
  "#e9e2d2",
  "#262d3c",
  "#e4ac3c",
  "#2c5f8f",
  "#1f4b41",
  "#d97340",
  "#8b2b40",
  "#67707a",
] as const;
const SCARVES = ["#2d5585", "#a43b52", "#e08a3c", "#2f7d70", "#c43a2c"] as const;

const FACE = "M34 41C34 26 66 26 66 41V48C66 60 59 68 50 68C41 68 34 60 34 48Z";
const LEFT_BROW = "M39.5 41.5Q43 38.7 47 40.3";
const RIGHT_BROW = "M53 40.3Q57 38.7 60.5 41.5";

/** What one style of hair adds behind the head and over the forehead. */
interface Hair {
  readonly back?: readonly string[];
  readonly front?: readonly string[];
  readonly kind?: "scarf" | "wrap" | "bald";
}

const PARTED = "M50 24C43 26 37 33 35.5 47C32 46 31 24 50 20C69 24 68 46 64.5 47C63 33 57 26 50 24Z";
const SWEPT = "M32 48C31 29 40 20 52 20C64 21 69 32 68 48C66.5 40 63 34 57 30C51 37 38 38 32 48Z";
const LONG = "M26 96C24 58 24 17 50 16C76 17 76 58 74 96C62 100 38 100 26 96Z";

const HAIR = {
  crop: {
    front: [
      "M32 43C30 27 40 19 50 19C61 19 70 27 68 43C66 39 65 36 63 33C55 34 44 34 37 33C35 36 34 39 32 43Z",
    ],
  },
  side: {
    front: [
      "M31.5 45C29 26 40 17 52 17C63 17 71 27 68.5 45C67 39 65 35 61 31C55 36 42 38 37 35C34 38 33 41 31.5 45Z",
    ],
  },
  fade: {
    front: [
      "M33 42C31 26 41 20 50 20C59 20 69 26 67 42C66 36 65.5 33 64 31.5C55 30 45 30 36 31.5C34.5 33 34 36 33 42Z",
    ],
  },
  curly: {
    front: discs(
      36,
      33,
      5.5,
      41,
      26.5,
      6.5,
      50,
      24,
      7,
      59,
      26.5,
      6.5,
      64,
      33,
      5.5,
      45,
      30,
      5,
      55,
      30,
      5,
      33.5,
      39,
      3.5,
      66.5,
      39,
      3.5,
    ),
  },
  cloud: {
    back: discs(
      50,
      22,
      13,
      37,
      25,
      11,
      63,
      25,
      11,
      29,
      37,
      11,
      71,
      37,
      11,
      27,
      51,
      10,
      73,
      51,
      10,
      31,
      63,
      9,
      69,
      63,
      9,
    ),
    front: discs(41, 31, 6, 50, 28.5, 7, 59, 31, 6, 35.5, 37, 4.5, 64.5, 37, 4.5),
  },
  bob: {
    back: ["M29 67C26 42 26 18 50 17C74 18 74 42 71 67C67 71 62 70 59 67H41C38 70 33 71 29 67Z"],
    front: ["M33 42C33 26 42 21 50 21C58 21 67 26 67 42C57 38.5 43 38.5 33 42Z"],
  },
  long: { back: [LONG], front: [PARTED] },
  swept: { back: [LONG], front: [SWEPT] },
  shoulder: {
    back: ["M27 76C24 48 25 16 50 15.5C75 16 76 48 73 76C66 80 62 76 60 72H40C38 76 34 80 27 76Z"],
    front: [SWEPT],
  },
  braids: {
    back: [
      "M33 48C30 26 39 17 50 17C61 17 70 26 67 48Z",
      "M33 36C27 48 25 70 27 94H36C34 72 36 52 40 42ZM67 36C73 48 75 70 73 94H64C66 72 64 52 60 42Z",
    ],
    front: [PARTED],
  },
  bun: {
    back: [disc(50, 14, 8.5)],
    front: [
      "M32.5 46C31 28 40 20.5 50 20.5C60 20.5 69 28 67.5 46C65.5 35 59 29 50 28.5C41 29 34.5 35 32.5 46Z",
    ],
  },
  scarf: { kind: "scarf" },
  wrap: { kind: "wrap" },
  bald: { kind: "bald" },
} as const satisfies Record<string, Hair>;

type Style = keyof typeof HAIR;

const SOFT: readonly Style[] = [
  "cloud",
  "bob",
  "long",
  "swept",
  "shoulder",
  "braids",
  "bun",
  "scarf",
  "wrap",
  "curly",
];
const SHORT: readonly Style[] = ["crop", "side", "fade", "curly", "bald", "crop", "fade", "wrap"];

/** Draw the imagined person of an id. */
export function face(id: string): Shape[] {
  const roll = dice(`face ${id}`);
  const short = roll() < 0.5;
  const style = pick(roll, short ? SHORT : SOFT);
  const [skin, hairs] = pick(roll, PEOPLE);
  const hair = roll() < 0.16 ? pick(roll, GREYS) : pick(roll, hairs);
  const scarf = pick(roll, SCARVES);
  const beard = short && (style === "bald" || roll() < 0.4);
  return [
    ...ground(roll, false),
    ...behind(style, hair, scarf),
    ...clothes(roll, skin),
    ...head(skin, style),
    ...(beard
      ? bearded(roll, style === "bald" ? pick(roll, GREYS) : hair)
      : [stroke("#9c3b2c", 1.7, "M44.5 59.5Q50 63.8 55.5 59.5")]),
    ...over(style, hair, scarf),
    ...worn(roll, short || style === "scarf"),
  ];
}

function behind(style: Style, hair: string, scarf: string): Shape[] {
  const { back = [], kind } = HAIR[style] as Hair;
  if (kind !== "scarf") return back.map((d) => paper(hair, d));
  return [
    paper(scarf, "M50 13C71 13 76 32 75 52C75 72 80 84 84 102H16C20 84 25 72 25 52C24 32 29 13 50 13Z"),
  ];
}

function clothes(roll: () => number, skin: string): Shape[] {
  const cloth = pick(roll, CLOTHES);
  const neck = [
    paper(skin, "M43 60H57V77C54 82 46 82 43 77Z"),
    paper("#000", "M43 65C46 70.5 54 70.5 57 65V70C53 75 47 75 43 70Z", 0.16),
  ];
  const body = [
    paper(cloth, "M13 102C14 85 30 79 42.5 76C46 81 54 81 57.5 76C70 79 86 85 87 102Z"),
    paper("#000", "M60 102L66 78.5C77 82 86 88 87 102Z", 0.13),
  ];
  const collar = pick(roll, [
    [],
    [paper("#f1ebdd", "M42 75L50 84.5L42.5 91L35.5 79ZM58 75L50 84.5L57.5 91L64.5 79Z")],
    [
      paper(cloth, "M41.5 68C46 72 54 72 58.5 68V79C53 83 47 83 41.5 79Z"),
      stroke("#00000022", 1, "M41.5 73C46 77 54 77 58.5 73"),
    ],
    [paper(skin, "M43.5 75L50 88L56.5 75Z")],
  ]);
  return [...neck, ...body, ...collar];
}

function head(skin: string, style: Style): Shape[] {
  const ears = style === "scarf" ? [] : discs(33.8, 49, 3.8, 66.2, 49, 3.8).map((d) => paper(skin, d));
  return [
    ...ears,
    paper(skin, FACE),
    paper("#000", "M50.5 29C61 29 66 33 66 41V48C66 60 59 68 50.5 68C53 62 50.5 55 51 47Z", 0.1),
    ...discs(40, 55.5, 3.7, 60, 55.5, 3.7).map((d) => paper("#dd5238", d, 0.22)),
    ...discs(43.5, 46.8, 1.9, 56.5, 46.8, 1.9).map((d) => paper("#1c1310", d)),
    stroke("#1c1310cc", 1.6, LEFT_BROW + RIGHT_BROW),
    stroke("#00000055", 1.5, "M51 47.5Q53 52 52 54.3Q50.5 55.2 49 54.5"),
  ];
}

function bearded(roll: () => number, hair: string): Shape[] {
  if (roll() < 0.25) {
    return [
      stroke("#9c3b2c", 1.6, "M46 61.5Q50 63.8 54 61.5"),
      paper(
        hair,
        "M42.5 59C44.5 56 48.5 55.8 50 57C51.5 55.8 55.5 56 57.5 59C55 60 51.5 59.6 50 58.8C48.5 59.6 45 60 42.5 59Z",
      ),
    ];
  }
  return [
    paper(
      hair,
      "M34 46C33.5 63 40 71.5 50 71.5C60 71.5 66.5 63 66 46C64.5 54 61.5 57 56.5 56.5C52.5 55.8 47.5 55.8 43.5 56.5C38.5 57 35.5 54 34 46Z",
    ),
    paper("#f3e6da", "M45.8 60.5Q50 59.5 54.2 60.5Q50 64.2 45.8 60.5Z"),
  ];
}

function over(style: Style, hair: string, scarf: string): Shape[] {
  const { front = [], kind } = HAIR[style] as Hair;
  if (kind === "scarf") {
    return [
      paper(
        scarf,
        "M50 16C67 16 73 32 72 50C71 67 62 78 50 78C38 78 29 67 28 50C27 32 33 16 50 16ZM50 27.5C40 27.5 35 36 35 47C35 60 42 67.5 50 67.5C58 67.5 65 60 65 47C65 36 60 27.5 50 27.5Z",
      ),
      paper("#000", "M58 76C68 72 72 60 72 50L75 54C75 72 80 84 84 102H62C66 92 64 82 58 76Z", 0.13),
    ];
  }
  if (kind === "wrap") {
    return [
      paper(
        scarf,
        "M29.5 40C24 21 37 11.5 51 11.5C65 11.5 75 21 70.5 40C66 34 58 31 50 26C42 31 34 34 29.5 40Z",
      ),
      stroke("#ffffff38", 1.8, "M31 30Q43 25 50 14M69 30Q57 25 50 14M30 36Q44 31 50 21Q56 31 70 36"),
    ];
  }
  return front.map((d) => paper(hair, d));
}

function worn(roll: () => number, plainEars: boolean): Shape[] {
  const glasses =
    roll() < 0.3
      ? [
          stroke(
            "#17110ff0",
            1.7,
            `${pick(roll, FRAMES)}M48.5 46Q50 44.8 51.5 46M36.5 46L34.5 45.5M63.5 46L65.5 45.5`,
          ),
        ]
      : [];
  if (plainEars || roll() < 0.45) return glasses;
  const metal = pick(roll, ["#f1c35b", "#f4ede0"]);
  return [...glasses, ...discs(33, 55, 1.9, 67, 55, 1.9).map((d) => paper(metal, d))];
}

const FRAMES = [
  discs(42.5, 47, 6, 57.5, 47, 6).join(""),
  "M36.5 43H48.5V48.5C48.5 51 46.5 52 43 52C39 52 36.5 51 36.5 48.5ZM51.5 43H63.5V48.5C63.5 51 61 52 57.5 52C53.5 52 51.5 51 51.5 48.5Z",
] as const;
