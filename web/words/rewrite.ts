/**
 * A source with its interface text in another language.
 *
 * Text is found where it stands: in markup, in attributes that people read or hear, and in strings that look like
 * words. So nothing is written twice, and a screen needs no more than the sentences it has. What stands between
 * them is kept: expressions become `{0}` and elements `<0>…</0>` in a sentence, and a translation puts them where
 * its language wants them. Since this happens before anything is compiled, a page carries one language and no catalog.
 */
import { type AST, parse } from "svelte/compiler";

/** What stands for a sentence; undefined leaves it in English. */
export interface Translate {
  /** `at` is where it begins in the source. */
  text(english: string, at: number): string | undefined;
  /** For sentences with a number, form by form ("one", "other"); the English ones are joined by " | ". */
  forms(english: Readonly<Record<string, string>>, at: number): Readonly<Record<string, string>> | undefined;
}

/** Give `source` in another language; `isMarkup` for Svelte, otherwise it is TypeScript. */
export function rewrite(source: string, isMarkup: boolean, translate: Translate): string {
  if (isMarkup) return new Rewriting(source, translate).all(parse(source, { modern: true }));
  const wrapped = `${SCRIPT}${source}</script>`;
  const written = new Rewriting(wrapped, translate).all(parse(wrapped, { modern: true }));
  return written.slice(SCRIPT.length, -"</script>".length);
}

/** Svelte's parser reads TypeScript in scripts, so one walk serves both kinds of files. */
const SCRIPT = '<script lang="ts">';

/** Attributes that are read or heard whatever they hold; any other is so only if it looks like words. */
const TEXT_ATTRIBUTES =
  /^(aria-(label|description|roledescription|valuetext)|alt|title|placeholder|label|text|words?|hint|detail|says)$/;
const CODE_ATTRIBUTES =
  /^(class|style|id|for|href|src|d|viewBox|role|rel|target|autocomplete|lang|pattern|icon)$/;

/** Elements that stand inside a sentence. */
const INLINE = new Set("a abbr b bdi br code em i kbd mark q s small span strong sub sup time u".split(" "));

/** Whoever calls these gives them no words for people. */
const CODE_CALLS = new Set([
  ..."Error TypeError RangeError MediaQuery CustomEvent Event matchMedia querySelector querySelectorAll".split(
    " ",
  ),
  ..."closest matches getElementById getAttribute setAttribute addEventListener removeEventListener".split(
    " ",
  ),
  ..."getItem setItem removeItem startsWith endsWith includes split getPropertyValue setProperty".split(" "),
  // What is being done, by names that only the program reads.
  ..."act isDoing feedAt pebbleRadius".split(" "),
]);

const COMPARING = new Set(["===", "!==", "==", "!=", "in"]);

/** A word alone is one for people when it begins with a capital; `term()` marks those that do not. */
const WORD = /^[“‘(]?\p{Lu}\p{Ll}+([’-]\p{Ll}+)?[.!?…:)”’]*$/u;
const CODE = /^(fill:)?M[\d.]|[{}<>=$\\]|^[-./]|::|\b\d+(px|ms|vh|rem)\b|^\S+\/\S+$|^\(.*:.*\)$/;

type Node = { type: string; start: number; end: number } & Record<string, unknown>;

/** What stands for `{0}` or around `<0>…</0>`. */
interface Part {
  open: string;
  close: string;
}

interface Sentence {
  english: string;
  parts: Part[];
}

class Rewriting {
  #edits: { start: number; end: number; text: string }[] = [];

  readonly source: string;
  readonly translate: Translate;

  constructor(source: string, translate: Translate) {
    this.source = source;
    this.translate = translate;
  }

  all(root: AST.Root): string {
    for (const part of [root.module, root.instance, root.fragment])
      if (part) this.#walk(part as unknown as Node);
    return this.#read(0, this.source.length);
  }

  #walk(node: Node): void {
    if (isOnlyType(node) || node.type === "StyleDirective") return;
    if (node.type === "Fragment") this.#fragment(node.nodes as Node[]);
    else if (node.type === "Attribute") this.#attribute(node, false);
    else if (node.type === "Component") this.#component(node);
    else if (node.type === "Literal" || node.type === "TemplateLiteral") this.#string(node, false);
    else if (node.type !== "CallExpression" || !this.#marked(node))
      for (const child of childrenOf(node)) this.#walk(child);
  }

  #component(node: Node): void {
    for (const attribute of node.attributes as Node[])
      if (attribute.type === "Attribute") this.#attribute(attribute, true);
      else this.#walk(attribute);
    this.#walk(node.fragment as Node);
  }

  /** Words marked by `term("…")`, and sentences with a number by `counted(n, { one: "…", other: "…" })`. */
  #marked(node: Node): boolean {
    const name = (node.callee as Node).name;
    const [first, second] = node.arguments as Node[];
    if (name === "term" && first) {
      this.#string(first, true);
      this.#edit(node.start, node.end, this.#read(first.start, first.end));
      return true;
    }
    if (name !== "counted" || second?.type !== "ObjectExpression") return false;
    if (first) this.#walk(first);
    this.#forms(second);
    return true;
  }

  #forms(object: Node): void {
    const parts: Part[] = [];
    const english: Record<string, string> = {};
    for (const property of object.properties as Node[])
      english[String((property.key as Node).name)] = this.#inScript(property.value as Node, parts).english;
    const said = this.translate.forms(english, object.start);
    if (!said) return;
    const forms = Object.entries(said).map(
      ([form, text]) => `${form}: ${scriptString({ english: text, parts })}`,
    );
    this.#edit(object.start, object.end, `{ ${forms.join(", ")} }`);
  }

  #string(node: Node, isMarked: boolean): void {
    if (node.type === "Literal" && typeof node.value !== "string") return;
    const { english, parts } = this.#inScript(node, []);
    if (!isMarked && !areWords(english)) return;
    const said = this.translate.text(english, node.start);
    if (said !== undefined) this.#edit(node.start, node.end, scriptString({ english: said, parts }));
  }

  /** A string of a script as a sentence; the same expression is the same part, in all forms of it. */
  #inScript(node: Node, parts: Part[]): Sentence {
    if (node.type === "Literal") return { english: String(node.value), parts };
    let english = "";
    for (const [at, quasi] of (node.quasis as Node[]).entries()) {
      english += (quasi.value as { cooked: string }).cooked;
      const expression = (node.expressions as Node[])[at];
      if (!expression) continue;
      this.#walk(expression);
      const open = this.#read(expression.start, expression.end);
      const known = parts.findIndex((part) => part.open === open);
      english += `{${known < 0 ? parts.push({ open, close: "" }) - 1 : known}}`;
    }
    return { english, parts };
  }

  #attribute(node: Node, isOfComponent: boolean): void {
    const name = String(node.name);
    const value = node.value as Node | Node[] | true;
    if (value === true || CODE_ATTRIBUTES.test(name)) return;
    if (!Array.isArray(value)) {
      this.#walk(value);
      return;
    }
    const parts: Part[] = [];
    const english = value.map((node) => this.#piece(node, parts)).join("");
    const isText = TEXT_ATTRIBUTES.test(name) ? hasLetters(english) : isOfComponent;
    if (!isText || (isOfComponent && !areWords(english))) return;
    const said = this.translate.text(english, value[0]?.start ?? 0);
    if (said === undefined) return;
    const text = fill({ english: said, parts }, (plain) => escaped(plain).replaceAll('"', "&quot;"));
    this.#edit(value[0]?.start ?? 0, value.at(-1)?.end ?? 0, text);
  }

  /** Children of an element: what belongs to one sentence is one, and everything else is looked into. */
  #fragment(nodes: Node[]): void {
    let run: Node[] = [];
    for (const node of [...nodes, null])
      if (node && standsInside(node)) run.push(node);
      else {
        this.#run(run);
        run = [];
        if (node) this.#walk(node);
      }
  }

  #run(run: Node[]): void {
    if (!run.some((node) => hasLetters(textOf(node)))) {
      for (const node of run) this.#walk(node);
      return;
    }
    const from = run.findIndex(beginsSentence);
    const to = run.findLastIndex(beginsSentence) + 1;
    for (const node of [...run.slice(0, from), ...run.slice(to)]) this.#walk(node);
    this.#sentence(run.slice(from, to));
  }

  #sentence(run: Node[]): void {
    const parts: Part[] = [];
    const english = run.map((node) => this.#piece(node, parts)).join("");
    const [start, end] = [run[0]?.start ?? 0, run.at(-1)?.end ?? 0];
    const said = this.translate.text(english.trim(), start);
    if (said === undefined) return;
    const lead = blanks(/^\s*/.exec(english)?.[0], run[0]);
    const trail = blanks(/\s*$/.exec(english)?.[0], run.at(-1));
    this.#edit(start, end, lead + fill({ english: said, parts }, escaped) + trail);
  }

  /** One node of a sentence, as the sentence names it. */
  #piece(node: Node, parts: Part[]): string {
    const plain = textOf(node);
    if (plain) return plain.replace(/\s+/g, " ");
    const children = (node.fragment as Node | undefined)?.nodes as Node[] | undefined;
    const at = parts.push({ open: "", close: "" }) - 1;
    const part = parts[at] as Part;
    if (node.type !== "RegularElement" || !children?.length || !saysSomething(node)) {
      this.#walk(node);
      part.open = this.#read(node.start, node.end);
      return `{${at}}`;
    }
    for (const attribute of node.attributes as Node[]) this.#walk(attribute);
    const inside = children.map((child) => this.#piece(child, parts)).join("");
    part.open = this.#read(node.start, children[0]?.start ?? 0);
    part.close = this.#read(children.at(-1)?.end ?? 0, node.end);
    return `<${at}>${inside}</${at}>`;
  }

  /** Put `text` there; what was put inside it before has been read into it. */
  #edit(start: number, end: number, text: string): void {
    this.#edits = this.#edits.filter((edit) => edit.start < start || edit.end > end);
    this.#edits.push({ start, end, text });
  }

  /** The source from `start` to `end`, with what was put into it. */
  #read(start: number, end: number): string {
    const inside = this.#edits.filter((edit) => edit.start >= start && edit.end <= end);
    let text = "";
    let at = start;
    for (const edit of inside.sort((one, other) => one.start - other.start)) {
      text += this.source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.source.slice(at, end);
  }
}

/** Types are read by nobody; what they stand around is. */
function isOnlyType({ type }: Node): boolean {
  return type.startsWith("TS") && !/^TS(As|Satisfies|NonNull|TypeAssertion)/.test(type);
}

/** The nodes below that can hold words for people. */
function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (isNoText(node, name)) continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child) && !(isCode(node, name) && /Literal$/.test(child.type))) found.push(child);
  }
  return found;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** Names of modules, of properties, and types. */
function isNoText({ type, computed }: Node, name: string): boolean {
  if (name === "key") return !computed;
  return (
    name === "source" ||
    name === "typeAnnotation" ||
    name === "metadata" ||
    (type === "TaggedTemplateExpression" && name === "quasi")
  );
}

/** Where a string is compared or looked up, and stands for something in the program. */
function isCode(node: Node, name: string): boolean {
  if (node.type === "BinaryExpression") return COMPARING.has(String(node.operator));
  if (node.type === "SwitchCase") return name === "test";
  if (node.type === "MemberExpression") return name === "property";
  // The name of a class of errors.
  if (node.type === "AssignmentExpression")
    return ((node.left as Node).property as Node | undefined)?.name === "name";
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return false;
  const callee = node.callee as Node;
  return CODE_CALLS.has(String((callee.property as Node | undefined)?.name ?? callee.name));
}

const standsInside = (node: Node) =>
  ["Text", "ExpressionTag", "Component"].includes(node.type) ||
  (node.type === "RegularElement" && INLINE.has(String(node.name)));

/** What a sentence can begin or end with: an icon beside it is not part of it. */
const beginsSentence = (node: Node) =>
  (node.type === "ExpressionTag" && !textOf(node)) ||
  textOf(node).trim() !== "" ||
  (node.type === "RegularElement" && (saysSomething(node) || holdsExpression(node)));

/** What stands there as it is: text, or a string in braces, which keeps its blanks. */
function textOf(node: Node): string {
  if (node.type === "Text") return String(node.data);
  const { type, value } = (node.type === "ExpressionTag" ? node.expression : node) as Node;
  return type === "Literal" && typeof value === "string" ? value : "";
}

function saysSomething(node: Node): boolean {
  if (hasLetters(textOf(node))) return true;
  const children = (node.fragment as Node | undefined)?.nodes as Node[] | undefined;
  return (
    node.type === "RegularElement" &&
    (children?.every(standsInside) ?? false) &&
    (children?.some(saysSomething) ?? false)
  );
}

const holdsExpression = (node: Node) =>
  ((node.fragment as Node).nodes as Node[]).some(({ type }) => type === "ExpressionTag");

const hasLetters = (text: string) => /\p{L}/u.test(text.replace(/\{\d+\}/g, ""));

/** Whether a string is for people, as far as one can tell by looking at it. */
export function areWords(english: string): boolean {
  const plain = english.replace(/\{\d+\}/g, "");
  if (plain !== english && /[“”‘]/.test(plain)) return true;
  if (!hasLetters(plain) || CODE.test(plain.trim())) return false;
  if (!/\s/.test(english.trim())) return plain === english ? WORD.test(english) : /\s/.test(english);
  return true;
}

/** The blanks at an end of a sentence; Svelte keeps those in braces even where an element begins. */
const blanks = (found = "", node?: Node) => (found && node?.type === "ExpressionTag" ? '{" "}' : found);

/** A sentence with its parts where `{0}` and `<0>` stand. */
function fill({ english, parts }: Sentence, write: (plain: string) => string): string {
  return english
    .split(/(\{\d+\}|<\/?\d+>)/)
    .map((piece, at) => {
      if (at % 2 === 0) return write(piece);
      const part = parts[Number(/\d+/.exec(piece)?.[0])];
      return (piece.startsWith("</") ? part?.close : part?.open) ?? "";
    })
    .join("");
}

const escaped = (plain: string) => plain.replace(/[&<{}]/g, (character) => `&#${character.charCodeAt(0)};`);

function scriptString({ english, parts }: Sentence): string {
  if (!/\{\d+\}/.test(english)) return JSON.stringify(english);
  const wrapped = parts.map(({ open }) => ({ open: `\${${open}}`, close: "" }));
  return `\`${fill({ english, parts: wrapped }, (plain) => plain.replace(/[\\`$]/g, "\\$&"))}\``;
}
