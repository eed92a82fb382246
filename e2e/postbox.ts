/** A mail server of our own: takes every letter, and keeps it until a test reads it (RFC 5321, as little as it takes). */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** No letter of ours is nearly as long. */
const MOST_CHARACTERS = 200_000;

export class Postbox {
  /** The letters that came, as they came. */
  readonly letters: string[] = [];
  readonly #server: Server = createServer((socket) => this.#talk(socket));

  /** Listen; gives the settings by which a server writes here, which people reach at `url`. */
  async open(url: string): Promise<Record<string, string>> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return {
      CONVIVIUM_SMTP_HOST: "127.0.0.1",
      CONVIVIUM_SMTP_PORT: String((this.#server.address() as AddressInfo).port),
      CONVIVIUM_SMTP_TLS: "none",
      CONVIVIUM_MAIL_FROM: "Convivium <table@convivium.test>",
      CONVIVIUM_PUBLIC_URL: url,
    };
  }

  close(): void {
    this.#server.close();
  }

  #talk(socket: Socket): void {
    let read = "";
    let isLetter = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (some: string) => {
      read += some;
      if (read.length > MOST_CHARACTERS) socket.destroy();
      for (let end = endOf(read, isLetter); end >= 0; end = endOf(read, isLetter)) {
        const said = read.slice(0, end);
        read = read.slice(end + (isLetter ? 5 : 2));
        if (isLetter) this.letters.push(plain(said));
        isLetter = !isLetter && /^DATA$/i.test(said);
        say(isLetter ? "354 Go on" : /^QUIT$/i.test(said) ? "221 Bye" : "250 OK");
      }
    });
    say("220 postbox");
  }
}

/** Where a command ends, or a letter; -1 while it is not there. */
const endOf = (read: string, isLetter: boolean) => read.indexOf(isLetter ? "\r\n.\r\n" : "\r\n");

/** A letter without the folds of quoted-printable (RFC 2045, 6.7), so that a link in it is whole. */
const plain = (letter: string) => letter.replace(/=\r\n/g, "").replace(/=3D/g, "=");
