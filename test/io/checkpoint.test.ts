import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { io, jit, losses, nn, np, optim, random, tree, valueAndGrad } from '../../src/index.js'
import { expectSame, laws } from '../../laws/index.js'
import { left, right } from './either.js'
import { anyTrees } from './trees.js'

describe('the format of checkpoints', () => {
  it('decode . encode = id, for every tree', () => {
    laws.format(
      {
        encode: (value: unknown) => io.encodeCheckpoint({ step: 7, value }),
        decode: (bytes) => right(io.decodeCheckpoint(bytes)).value,
      },
      anyTrees,
      {
        numRuns: 300,
        show: (t) => tree.show(tree.structure(t)),
        same: (a, b) => {
          expectSame('tree', a, b)
          expect(tree.show(tree.structure(a))).toBe(tree.show(tree.structure(b)))
        },
      },
    )
  })

  it('keeps numbers, weakness and the order of keys', () => {
    const value = {
      z: [NaN, -0, -Infinity, 0.1, 1e300, 5e-324],
      a: true,
      none: null,
      absent: undefined,
      weak: np.add(1, 2),
      key: random.key(3),
    }
    const back = right(io.decodeCheckpoint(io.encodeCheckpoint({ step: 5, value })))
    expect(back.step).toBe(5)
    const read = back.value as typeof value
    expect(read.z).toEqual(value.z)
    expect(Object.keys(read)).toEqual(Object.keys(value))
    expect([read.weak.aval, read.key.aval]).toEqual([value.weak.aval, value.key.aval])
    expect(read.weak.aval.weak).toBe(true)
  })

  it('keeps strings and bigints, and refuses functions', () => {
    const value = { kind: 'net', '*': '*t0', big: -7n, on: true, layers: [{ act: 'tanh', w: np.array([1]) }] }
    const read = right(io.decodeCheckpoint(io.encodeCheckpoint({ step: 1, value })))
    expect(tree.equals(tree.structure(read.value), tree.structure(value))).toBe(true)
    expect(right(io.matching(value)(read)).value.layers[0]!.w.toArray()).toEqual([1])
    expect(left(io.matching({ ...value, kind: 'other' })(read))?.[1]).toMatch(/its tree is \{kind: 'net'.*the template \{kind: 'other'/)
    expect(() => io.encodeCheckpoint({ step: 1, value: { act: np.tanh } })).toThrow(/encodeCheckpoint: the tree holds .*function/)
  })
  it('finds every change of one byte, and every cut', () => {
    const bytes = io.encodeCheckpoint({ step: 1, value: { w: np.arange(8), n: 3 } })
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = bytes.slice()
        damaged[at]! ^= bits
        expect(left(io.decodeCheckpoint(damaged))?.[0]).toBe('Corrupt')
      }),
      { numRuns: 1000 },
    )
    for (let length = 0; length < bytes.length; length++) expect(left(io.decodeCheckpoint(bytes.subarray(0, length)))?.[0]).toBe('Corrupt')
    expect(left(io.decodeCheckpoint(io.encodeSafetensors({ a: np.ones([1]) })))?.[1]).toMatch(/it has no checksum/)
  })

  it('gives a type to trees like a template', () => {
    const found = { step: 2, value: { w: np.ones([2]), n: 1 } }
    expect(right(io.matching({ n: 0, w: np.zeros([2]) })(found)).value.n).toBe(1)
    expect(left(io.matching({ n: 0, w: np.zeros([3]) })(found))).toEqual([
      'Mismatch',
      'checkpoint of step 2: w is float32[2], not float32[3]',
    ])
    expect(left(io.matching({ n: 0, v: np.zeros([2]) })(found))).toEqual([
      'Mismatch',
      "checkpoint of step 2: the tree is another one: 1 leaves of the template are not in it ('v'), 1 of its own not in the template ('w')",
    ])
  })
})

describe('a folder of checkpoints', () => {
  const like = { w: np.zeros([2]), step: 0 }
  const at = (n: number): typeof like => ({ w: np.array([n, n + 1]), step: n })
  const path = (n: number): string => `run/checkpoint-${String(n).padStart(12, '0')}.safetensors`

  it('keeps the newest, and finds the newest', async () => {
    const kept = io.checkpoints({ dir: 'run', like, keep: 2, files: io.memoryFiles() })
    expect(await kept.latest()).toEqual({ _tag: 'Right', right: O.none })
    for (const n of [1, 2, 10]) expect(right(await kept.save(n, at(n))())).toBe(path(n))
    expect(right(await kept.steps())).toEqual([10, 2])
    const latest = right(await kept.latest())
    expect(latest).toMatchObject({ value: { step: 10, path: path(10), skipped: [], value: { step: 10 } } })
    expectSame('value', O.isSome(latest) && latest.value.value, at(10))
    expectSame('by step', right(await kept.load(2)()).value, at(2))
    expect(left(await kept.load(3)())).toEqual(['NotFound', `${path(3)}: no such file`])
  })

  it('passes over damaged ones, and does not take what comes after them for old', async () => {
    const files = io.memoryFiles()
    const kept = io.checkpoints({ dir: 'run', like, keep: 1, files })
    right(await kept.save(20, at(20))())
    right(await files.writeFile(path(30), Uint8Array.of(1, 2, 3))())
    right(await files.writeFile(path(25), io.encodeCheckpoint({ step: 25, value: { other: 1 } }))())
    right(await files.writeFile(`${path(26)}.tmp`, Uint8Array.of(1))())
    right(await files.writeFile('run/notes.txt', Uint8Array.of(1))())
    const latest = right(await kept.latest())
    if (O.isNone(latest)) return expect.fail('nothing was found')
    expect([latest.value.step, latest.value.skipped.map((f) => f._tag)]).toEqual([20, ['Corrupt', 'Mismatch']])
    right(await kept.save(21, at(21))())
    expect(right(await kept.steps())).toEqual([30, 25, 21])
    expect(right(await kept.latest())).toMatchObject({ value: { step: 21 } })
    expect([...right(await files.list('run')())].sort()).toEqual([...[21, 25, 30].map((n) => path(n).slice(4)), 'notes.txt'])
  })

  it('does not start again where every checkpoint is damaged', async () => {
    const files = io.memoryFiles({ [path(1)]: Uint8Array.of(1) })
    expect(left(await io.checkpoints({ dir: 'run', like, files }).latest())?.[0]).toBe('Corrupt')
  })

  it('leaves nothing half done on a disk', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'checkpoints-'))
    try {
      const kept = io.checkpoints({ dir: join(dir, 'deep', 'er'), like })
      expect(await kept.latest()).toEqual({ _tag: 'Right', right: O.none })
      for (const n of [1, 2, 3, 4]) right(await kept.save(n, at(n))())
      expect(readdirSync(join(dir, 'deep', 'er')).length).toBe(3)
      expect(right(await kept.latest())).toMatchObject({ value: { step: 4 } })
      writeFileSync(join(dir, 'file'), '')
      expect(left(await io.checkpoints({ dir: join(dir, 'file'), like }).save(1, at(1))())?.[0]).toBe('Unwritable')
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('checks its options', () => {
    expect(() => io.checkpoints({ dir: 'd', like, keep: 0 })).toThrow('checkpoints: keep must be a whole number from 1, got 0')
    expect(() => io.checkpoints({ dir: 'd', like, prefix: '../x' })).toThrow('checkpoints: prefix must be')
    expect(() => io.checkpoints({ dir: 'd', like }).save(-1, like)).toThrow('checkpoints: step must be a whole number from 0 to')
  })
})

describe('training that continues from a checkpoint', () => {
  it('takes the same steps, bit for bit, although its state is donated', async () => {
    const model = nn.sequential(nn.dense(2, 8), nn.relu, nn.dense(8, 1))
    const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(optim.cosineDecaySchedule({ initValue: 0.1, decaySteps: 12 })))
    const [key, initKey] = random.split(random.key(0))
    const params = model.init(initKey)
    const initial = { params, state: optimizer.init(params), key, cursor: 0 }
    type Run = typeof initial
    const update = jit(
      (p: Run['params'], s: Run['state'], x: Tensor) => {
        const loss = (q: Run['params']): Tensor => losses.meanSquaredError(model.apply(q)(x), np.sum(x, { axis: 1, keepdims: true }))
        const [value, grads] = valueAndGrad(loss)(p)
        const [updates, next] = optimizer.update(grads, s, p)
        return [optim.applyUpdates(p, updates), next, value] as const
      },
      { donate: [0, 1] },
    )
    const step = ({ params: p, state, key: k, cursor }: Run): readonly [Run, number] => {
      const [now, later] = random.split(k)
      const [next, s, loss] = update(p, state, random.normal(now, [4, 2]))
      return [{ params: next, state: s, key: later, cursor: cursor + 4 }, Number(loss.item())]
    }
    const files = io.memoryFiles()
    const kept = io.checkpoints({ dir: 'run', like: initial, files })
    const seen: number[] = []
    let run = initial
    for (let n = 1; n <= 12; n++) {
      const [next, loss] = step(run)
      run = next
      seen.push(loss)
      if (n === 5) right(await kept.save(n, run)())
    }
    const latest = right(await kept.latest())
    if (O.isNone(latest)) return expect.fail('nothing was found')
    let again = latest.value.value
    expect([latest.value.step, again.cursor]).toEqual([5, 20])
    for (let n = 6; n <= 12; n++) {
      const [next, loss] = step(again)
      again = next
      expect(loss).toBe(seen[n - 1])
    }
    expectSame('the end', again, run)
  })
})
