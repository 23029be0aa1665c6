/** Files as those of MNIST, with digits drawn by a program: for a run where the real ones are not at hand. */
import { data } from 'adjoint'

/** Digits on a grid of five by seven: per digit seven rows of five bits, written in base 32. */
const glyphs = ['ehjlphe', '4c4444e', 'eh1248v', 'v2421he', '26aiv22', 'vgu11he', '68guhhe', 'v124888', 'ehhehhe', 'ehhf12c'].map((rows) =>
  Array.from(rows, (row) => parseInt(row, 32)),
)

const side = 28
/** Pixels of a picture per point of a glyph. */
const scale = 3

const header = (kind: number, ...sizes: readonly number[]): readonly number[] => [
  0,
  0,
  8,
  kind,
  ...sizes.flatMap((n) => [0, 0, n >> 8, n & 255]),
]

const bytes = (head: readonly number[], body: Uint8Array): Uint8Array => {
  const file = new Uint8Array(head.length + body.length)
  file.set(head)
  file.set(body, head.length)
  return file
}

/** Images and labels of `n` digits, each somewhere in its picture, over noise. */
const files = (n: number, seed: number): readonly [images: Uint8Array, labels: Uint8Array] => {
  const generator = data.randomState(seed)
  const below = (limit: number): number => Math.floor(generator.uniform() * limit)
  const labels = Uint8Array.from({ length: n }, () => below(10))
  const pixels = new Uint8Array(n * side * side)
  labels.forEach((label, i) => {
    const [left, top] = [5 + below(4), 2 + below(4)]
    for (let p = 0; p < side * side; p++) {
      const row = Math.floor((Math.floor(p / side) - top) / scale)
      const column = Math.floor(((p % side) - left) / scale)
      const ink = column >= 0 && column < 5 && (((glyphs[label]![row] ?? 0) >> (4 - column)) & 1) === 1
      pixels[i * side * side + p] = (ink ? 160 : 0) + below(96)
    }
  })
  return [bytes(header(3, n, side, side), pixels), bytes(header(1, n), labels)]
}

/** A place for `data.mnist`. */
export const drawnDigits = (train: number, test: number): data.DataPlace => {
  const [images, labels] = files(train, 0)
  const [heldImages, heldLabels] = files(test, 1)
  const contents = {
    'digits/train-images-idx3-ubyte': images,
    'digits/train-labels-idx1-ubyte': labels,
    'digits/t10k-images-idx3-ubyte': heldImages,
    'digits/t10k-labels-idx1-ubyte': heldLabels,
  }
  return { dir: 'digits', capabilities: data.memoryFiles(contents) }
}
