/** A piece tells its passes where everything lies, and runs them in order. */
import { describe, expect, it } from 'vitest'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import { pieceOf, scratchOf, type Kernel, type LoopCode, type Sweep } from '../../../src/backend/wasm/kernel.js'

const kernels = new Map<string, Kernel>()
const named = (name: string): Kernel => {
  const known = kernels.get(name) ?? {
    call: () => undefined,
    module: { shared: () => ({ id: 0, address: 0, length: 0, compiled: null }) },
    index: kernels.size,
  }
  kernels.set(name, known)
  return known
}

const pass = (name: string, total: number) => ({ name, total, grain: 8, cost: 2 })

/** What the sweeps of a run are given, and the words that begin at `args` by then. */
const ran = (code: LoopCode, inputs: readonly number[], outputs: readonly number[]) => {
  const heap = createHeap(false)
  const args = heap.alloc(scratchOf(code, inputs.length + outputs.length) + 256)
  heap.words().fill(-1, args >>> 2, (args >>> 2) + 64)
  const sweeps: (readonly [Kernel, number, number, number])[] = []
  const sweep: Sweep = (kernel, at, total, grain, cost) => {
    expect(at).toBe(args)
    sweeps.push([kernel, total, grain, cost])
  }
  const piece = pieceOf(heap, sweep, code, named)
  piece.run(inputs, outputs, args)
  return { args, sweeps, solo: piece.solo, words: Array.from(heap.words().subarray(args >>> 2, (args >>> 2) + 64)) }
}

describe('the arguments of a piece', () => {
  it('are the addresses of every input and every output, then the extent', () => {
    const { words } = ran({ passes: [pass('a', 100)], scratch: 0, extent: 77 }, [64, 128, 192], [256, 320])
    expect(words.slice(0, 7)).toEqual([64, 128, 192, 256, 320, 77, -1])
  })

  it('end with the address of the scratch, which begins on the cache line behind them', () => {
    for (const [values, lines] of [
      [2, 1],
      [15, 1],
      [16, 2],
      [40, 3],
    ] as const) {
      const inputs = Array.from({ length: values - 1 }, (_, k) => 64 * (k + 1))
      const code: LoopCode = { passes: [pass('a', 100)], scratch: 192 }
      const { args, words } = ran(code, inputs, [4096])
      expect(words.slice(0, values + 1)).toEqual([...inputs, 4096, args + lines * 64])
      expect(scratchOf(code, values)).toBe(lines * 64 + 192)
    }
  })
})

describe('the passes of a piece', () => {
  it('run one after the other, each over all of its range', () => {
    const { sweeps, solo } = ran({ passes: [pass('a', 100), { ...pass('b', 7), grain: 1, cost: 9 }], scratch: 0 }, [64], [128])
    expect(sweeps).toEqual([
      [named('a'), 100, 8, 2],
      [named('b'), 7, 1, 9],
    ])
    expect(solo).toBeNull()
  })

  it('are called at once where there is one and it needs no scratch', () => {
    expect(ran({ passes: [pass('a', 100)], scratch: 0, extent: 5 }, [64], [128]).solo).toEqual({
      kernel: named('a'),
      total: 100,
      extent: 5,
    })
    expect(ran({ passes: [pass('a', 100)], scratch: 64 }, [64], [128]).solo).toBeNull()
  })

  it('may be none: then nothing is written', () => {
    const code: LoopCode = { passes: [], scratch: 0 }
    const { sweeps, words } = ran(code, [64], [128])
    expect([sweeps, new Set(words), scratchOf(code, 2)]).toEqual([[], new Set([-1]), 0])
  })
})
