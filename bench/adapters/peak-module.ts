/** A WebAssembly module that does nothing but arithmetic in registers, or nothing but memory traffic: what 128 bits can do here. */

const v128 = 0x7b
const i32 = 0x7f
const f32 = 0x7d

/** Chains of `acc = acc * a + b` that are enough to keep every pipe busy, few enough to stay in registers. */
const chains = 12

const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)])
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()]
const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content]
const text = (s: string): number[] => [...leb(s.length), ...new TextEncoder().encode(s)]
const get = (k: number): number[] => [0x20, k]
const set = (k: number): number[] => [0x21, k]
const integer = (n: number): number[] => [0x41, ...(n < 64 ? [n] : [(n & 127) | 128, n >>> 7])]
const [add, mul] = [
  [0xfd, 0xe4, 0x01],
  [0xfd, 0xe6, 0x01],
]
const splat = (x: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(x).buffer), 0xfd, 0x13]
const load = (offset: number): number[] => [0xfd, 0x00, 4, ...leb(offset)]
const store = (offset: number): number[] => [0xfd, 0x0b, 4, ...leb(offset)]
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** `do { body; at += step } while (at < end)` */
const loop = (at: number, end: number, step: number, body: readonly number[]): number[] => [
  ...[0x03, 0x40, ...body, ...get(at), ...integer(step), 0x6a, 0x22, at, ...get(end), 0x49, 0x0d, 0, 0x0b],
]
const body = (vectors: number, code: readonly number[]): number[] => {
  const content = [...vector([[...leb(vectors), v128]]), ...code, 0x0b]
  return [...leb(content.length), ...content]
}
const total = (vectors: readonly number[]): number[] => [...vectors.flatMap((k, i) => [...get(k), ...(i === 0 ? [] : add)]), 0xfd, 0x1f, 0]

/** compute(from, to): (to - from) * chains * 8 floating-point operations. */
const compute = body(chains + 2, [
  ...[...splat(0.999), ...set(2), ...splat(1e-3), ...set(3)],
  ...loop(
    0,
    1,
    1,
    range(chains).flatMap((k) => [...get(4 + k), ...get(2), ...mul, ...get(3), ...add, ...set(4 + k)]),
  ),
  ...total(range(chains).map((k) => 4 + k)),
])
/** read(from, to): sums the bytes in between, in blocks of 128. */
const read = body(8, [
  ...loop(
    0,
    1,
    128,
    range(8).flatMap((k) => [...get(2 + k), ...get(0), ...load(16 * k), ...add, ...set(2 + k)]),
  ),
  ...total(range(8).map((k) => 2 + k)),
])
/** scale(from, to, target): writes as much as it reads, in blocks of 128 bytes. */
const scale = body(1, [
  ...[...splat(1.5), ...set(3)],
  ...loop(0, 1, 128, [
    ...range(8).flatMap((k) => [...get(2), ...get(0), ...load(16 * k), ...get(3), ...mul, ...store(16 * k)]),
    ...[...get(2), ...integer(128), 0x6a, ...set(2)],
  ]),
])

/** The module; it imports `env.memory`, shared. */
export const peakModule = (): WebAssembly.Module =>
  new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(
        1,
        vector([
          [0x60, ...vector([[i32], [i32]]), ...vector([[f32]])],
          [0x60, ...vector([[i32], [i32], [i32]]), 0],
        ]),
      ),
      ...section(2, vector([[...text('env'), ...text('memory'), 2, 3, 1, ...leb(65536)]])),
      ...section(3, vector([[0], [0], [1]])),
      ...section(
        7,
        vector([
          [...text('compute'), 0, 0],
          [...text('read'), 0, 1],
          [...text('scale'), 0, 2],
        ]),
      ),
      ...section(10, vector([compute, read, scale])),
    ]),
  )

/** Floating-point operations of one turn of `compute`. */
export const flopsPerTurn = chains * 8
