/**
 * Both directions against NumPy and the safetensors of Python, where `python3` has them: `node scripts/run.mjs test/io/python.ts`.
 * The last line counts tensors.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import type { DType, Tensor } from '../../src/index.js'
import { io, np } from '../../src/index.js'
import { anyTensor, weightTrees } from './trees.js'

interface Listed {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: readonly string[]
}
type Expected = Readonly<Record<string, Readonly<Record<string, Listed>>>>

const numberOf = (text: string): number => (text === 'nan' ? NaN : text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text))
const python = (...args: string[]): string =>
  execFileSync('python3', [fileURLToPath(new URL('python.py', import.meta.url)), ...args], { encoding: 'utf8' }).trim()
const right = <A>(e: E.Either<io.DataFault, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}
const listed = (x: Tensor): Listed => ({
  shape: x.shape,
  dtype: x.dtype,
  data: Array.from(x.toTypedArray(), (v) =>
    Number.isNaN(v) ? 'nan' : Object.is(v, -0) ? '-0.0' : v === Infinity ? 'inf' : v === -Infinity ? '-inf' : String(v),
  ),
})

const folder = mkdtempSync(join(tmpdir(), 'adjoint-python-'))
const [theirs, ours] = ['theirs', 'ours'].map((name) => join(folder, name)) as [string, string]
let count = 0
try {
  mkdirSync(theirs)
  mkdirSync(ours)
  console.log(`python ${python('write', theirs)}`)
  const expected = JSON.parse(readFileSync(join(theirs, 'expected.json'), 'utf8')) as Expected
  for (const [file, tensors] of Object.entries(expected)) {
    const path = join(theirs, file)
    const found = file.endsWith('.npy')
      ? { x: right(await io.loadNpy(path)()) }
      : file.endsWith('.npz')
        ? right(await io.loadNpz(path)())
        : right(await io.loadSafetensors(path)()).tensors
    if (Object.keys(found).sort().join() !== Object.keys(tensors).sort().join()) throw new Error(`${file}: ${Object.keys(found).join()}`)
    for (const [name, e] of Object.entries(tensors)) {
      const x = found[name]!
      const data = x.toTypedArray()
      if (x.dtype !== e.dtype || x.shape.join() !== e.shape.join() || !e.data.every((v, i) => Object.is(data[i], numberOf(v))))
        throw new Error(`${file}: ${name} is ${x.dtype}[${x.shape.join()}] ${String(x)}, expected ${JSON.stringify(e)}`)
      count++
    }
  }

  const mine: Record<string, Record<string, Listed>> = {}
  const put = (file: string, bytes: Uint8Array, tensors: Readonly<Record<string, Tensor>>): void => {
    writeFileSync(join(ours, file), bytes)
    mine[file] = Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, listed(x)]))
  }
  for (const [i, x] of fc.sample(anyTensor, { numRuns: 200, seed: 1 }).entries())
    put(`${i}.npy`, io.encodeNpy(x, { order: i % 2 === 0 ? 'C' : 'F' }), { x })
  for (const [i, tree] of fc.sample(weightTrees, { numRuns: 100, seed: 2 }).entries()) {
    const weights = io.toWeights(tree)
    if (Object.keys(weights).some((name) => name.includes('.npy') || name.includes('\\'))) continue
    put(`${i}.npz`, right(await io.encodeNpz(tree, { compress: i % 2 === 0, zip64: i % 3 === 0 })()), weights)
    put(`${i}.safetensors`, io.encodeSafetensors(tree, { metadata: { i: String(i) } }), weights)
  }
  put('checkpoint.safetensors', io.encodeCheckpoint({ step: 3, value: { w: np.ones([2]), lr: 0.5 } }), { t0: np.ones([2]) })
  writeFileSync(join(ours, 'expected.json'), JSON.stringify(mine))
  console.log(`python ${python('read', ours)}`)
  console.log(`read ${count} tensors that python wrote`)
} finally {
  rmSync(folder, { recursive: true })
}
