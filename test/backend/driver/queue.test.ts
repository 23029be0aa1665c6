/** The queue of a machine that answers later: whatever is asked for in whatever order, values are those of a machine that answers at once. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Executable } from '../../../src/compile/backend.js'
import { createQueue } from '../../../src/backend/driver/queue.js'
import { optimizeProgram } from '../../../src/extend.js'
import { np, trace, whileLoop } from '../../../src/index.js'
import type { Program, Tensor } from '../../../src/index.js'
import { queuedMachine, type QueuedMachine } from './queued.js'

const n = 3
const programOf = (f: (...xs: Tensor[]) => Tensor | readonly Tensor[], arity: number): Program =>
  optimizeProgram(trace(f, ...Array.from({ length: arity }, () => np.zeros([n]))).program)

/** What can be asked for; `value` says on the host what it gives. */
interface Work {
  readonly arity: number
  readonly program: Program
  readonly value: (...xs: readonly (readonly number[])[]) => readonly number[]
}

const each =
  (f: (x: number, y: number) => number): Work['value'] =>
  (x, y = x) =>
    x.map((v, k) => f(v, y[k]!))

const works: readonly Work[] = [
  { arity: 2, program: programOf((x, y) => np.add(x, y), 2), value: each((x, y) => x + y) },
  { arity: 1, program: programOf((x) => np.mul(x, -1), 1), value: each((x) => -x) },
  { arity: 1, program: programOf((x) => np.flip(x), 1), value: (x) => [...x].reverse() },
  {
    arity: 2,
    // It waits for its verdict in every step.
    program: programOf(
      (x, y) =>
        whileLoop(
          ([z]: readonly [Tensor]) => np.less(np.max(np.abs(z)), 8),
          ([z]: readonly [Tensor]) => [np.add(z, np.add(np.mul(z, 0), 3))] as const,
          [np.maximum(x, y)] as const,
        )[0],
      2,
    ),
    value: (x, y) => {
      let z = x.map((v, k) => Math.max(v, y[k]!))
      while (Math.max(...z.map(Math.abs)) < 8) z = z.map((v) => v + 3)
      return z
    },
  },
  // It fails: `log` of nothing else is in these Programs.
  { arity: 1, program: programOf((x) => np.log(np.add(x, 1)), 1), value: () => [] },
]
const failing = works.length - 1

type Handle = ReturnType<Executable>[number]

/** A value that there should be: its elements, or the number of the call that failed first. */
type Expected = { readonly elements: readonly number[] } | { readonly failed: number }

interface Step {
  readonly kind: 'put' | 'run' | 'read' | 'wait'
  readonly work: number
  readonly operands: readonly [number, number]
  readonly donate: readonly [boolean, boolean]
  readonly elements: readonly number[]
}

const steps = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Step['kind']>('put') },
      { weight: 6, arbitrary: fc.constant<Step['kind']>('run') },
      { weight: 2, arbitrary: fc.constant<Step['kind']>('read') },
      { weight: 1, arbitrary: fc.constant<Step['kind']>('wait') },
    ),
    work: fc.oneof({ weight: 8, arbitrary: fc.nat(failing - 1) }, { weight: 1, arbitrary: fc.constant(failing) }),
    operands: fc.tuple(fc.nat(), fc.nat()),
    donate: fc.tuple(fc.boolean(), fc.boolean()),
    elements: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: n, maxLength: n }),
  }),
  { minLength: 1, maxLength: 30 },
)

const aval = works[0]!.program.inputs[0]!.aval

/** Runs what was drawn; gives the reads, each with what it should be, and the values that are left. */
const play = async ({ backend }: QueuedMachine, drawn: readonly Step[]) => {
  const known: { handle: Handle; expected: Expected }[] = []
  const put = (elements: readonly number[]): void => {
    known.push({ handle: backend.put(Float32Array.from(elements), aval), expected: { elements } })
  }
  put([1, 2, 3])
  const reads: { expected: Expected; got: Promise<unknown> }[] = []
  const read = ({ handle, expected }: (typeof known)[number]): void => {
    const got = Promise.resolve(backend.get(handle, aval)).then(
      (data) => [...data],
      (error: unknown) => error,
    )
    reads.push({ expected, got })
  }
  for (const [step, { kind, work, operands, donate, elements }] of drawn.entries()) {
    if (kind === 'put' || known.length === 0) put(elements)
    else if (kind === 'read') read(known[operands[0] % known.length]!)
    else if (kind === 'wait') await new Promise((resolve) => setImmediate(resolve))
    else {
      const { arity, program, value } = works[work]!
      const chosen = operands.slice(0, arity).map((k) => known[k % known.length]!)
      const given = chosen.flatMap((x, k) => (donate[k] === true && chosen.indexOf(x) === k && chosen.lastIndexOf(x) === k ? [k] : []))
      const [handle] = backend.compile(program, { donate: given })(chosen.map((x) => x.handle))
      const failed = chosen.map((x) => x.expected).find((x) => 'failed' in x)
      const values = chosen.map((x) => ('elements' in x.expected ? x.expected.elements : []))
      const expected = failed ?? (work === failing ? { failed: step } : { elements: value(...values) })
      for (const k of given) known.splice(known.indexOf(chosen[k]!), 1)
      known.push({ handle, expected })
    }
  }
  known.forEach(read)
  return { reads, known }
}

const machineOf = (seed: number): QueuedMachine => queuedMachine({ seed, fails: (e) => e.prim.name === 'log' })

describe('a queue', () => {
  it('gives the values of a machine that answers at once, for whatever is put, run, given away and read, and where runs fail', async () => {
    let failures = 0
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (drawn, seed) => {
        const machine = machineOf(seed)
        const { reads, known } = await play(machine, drawn)
        for (const { expected, got } of reads) {
          const value = await got
          if ('failed' in expected) {
            failures++
            expect(value).toBeInstanceOf(Error)
            expect((value as Error).message).toBe('log fails')
          } else expect(value).toEqual(expected.elements)
        }
        await machine.settled()
        expect(machine.queue.idle()).toBe(true)
        // What was given away, and what failed, takes no block.
        expect(machine.alive()).toBe(known.filter((x) => 'elements' in x.expected).length)
      }),
      { numRuns: 300 },
    )
    expect(failures).toBeGreaterThan(20)
  })

  it('runs jobs one after the other, inside the call while nothing waits', async () => {
    const queue = createQueue()
    const log: string[] = []
    const job = (name: string, turns: number) => (): void | Promise<void> => {
      log.push(`${name} begins`)
      if (turns === 0) return
      return (async () => {
        for (let k = 0; k < turns; k++) await Promise.resolve()
        log.push(`${name} ends`)
      })()
    }
    queue.enqueue(job('a', 0))
    expect(log).toEqual(['a begins'])
    expect(queue.idle()).toBe(true)
    queue.enqueue(job('b', 3))
    queue.enqueue(job('c', 1))
    queue.enqueue(job('d', 0))
    expect(log).toEqual(['a begins', 'b begins'])
    expect(queue.idle()).toBe(false)
    await new Promise((resolve) => setImmediate(resolve))
    expect(log).toEqual(['a begins', 'b begins', 'b ends', 'c begins', 'c ends', 'd begins'])
    expect(queue.idle()).toBe(true)
  })

  it('answers at once while a machine does not wait', () => {
    const { backend, log, queue } = queuedMachine({ late: 0 })
    backend.compile(works[0]!.program, { donate: [] })([backend.put(new Float32Array(n), aval), backend.put(new Float32Array(n), aval)])
    expect(log).toEqual(['add'])
    expect(queue.idle()).toBe(true)
  })

  it('lets a loop wait, and what is asked for behind it', async () => {
    const { backend, log, queue } = queuedMachine({ late: 0 })
    const x = backend.put(Float32Array.of(1, 2, 3), aval)
    const [y] = backend.compile(works[3]!.program, { donate: [] })([x, x])
    const [z] = backend.compile(works[0]!.program, { donate: [0] })([y, x])
    expect(queue.idle()).toBe(false)
    expect(log).not.toContain('add')
    expect(await backend.get(z, aval)).toEqual(Float32Array.of(8, 10, 12))
    await expect(Promise.resolve(backend.get(y, aval))).rejects.toThrow(/donated/)
  })

  it('frees the blocks of values that nobody holds, behind what reads them', async () => {
    const machine = queuedMachine({ seed: 3, late: 1 })
    const { backend, alive, settled } = machine
    const ask = (): Promise<unknown> => {
      const x = backend.put(Float32Array.of(1, 2, 3), aval)
      const [y] = backend.compile(works[0]!.program, { donate: [] })([x, x])
      return Promise.resolve(backend.get(y, aval))
    }
    const got = ask()
    for (let k = 0; k < 40 && alive() > 0; k++) {
      globalThis.gc!()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(await got).toEqual(Float32Array.of(2, 4, 6))
    await settled()
    expect(alive()).toBe(0)
  })
})
