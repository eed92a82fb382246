/** RTP (RFC 3550, 5.1), for the clients whose libraries leave it to their users. */

const TICKS_PER_FRAME = 960;

/** Put a header before the Opus packet with this number. */
export function rtp(payload: Buffer, number: number, payloadType: number, ssrc: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(number & 0xffff, 2);
  header.writeUInt32BE((number * TICKS_PER_FRAME) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

/** The Opus packet of a packet of RTP; nothing if it is RTCP (RFC 5761, 4). */
export function payloadOf(packet: Buffer): Buffer | undefined {
  const type = packet.readUInt8(1) & 0x7f;
  if (type >= 64 && type < 96) return undefined;
  const sources = packet.readUInt8(0) & 0x0f;
  return packet.subarray(12 + 4 * sources);
}
