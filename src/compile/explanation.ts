/** What a backend does with a Program, as data that prints: its steps, what they move and compute, the blocks of memory they share. */
import { showAval } from '../core/showAval.js'
import type { Atom, Equation, Program, Var } from '../ir/program.js'
import { bytesOf, flopsOf, flopsOfKernel } from './cost.js'
import type { ProgramStep } from './kernels.js'
import { fuse } from './loops.js'
import { doingOf, planMemory } from './memory.js'
import type { Target } from './target.js'
import { processorMemory } from './target.js'
import type { ExplainedBlock, MemoryUsage } from './usage.js'
import { usageOf } from './usage.js'

/** One step of a compiled Program. */
export interface ExplainedStep {
  /** `loops 128x512 | 10` (parallel axes, then reduced ones), `host pureCallback` for a function of the host, or the name of the primitive. */
  readonly name: string
  /** The primitives that the step computes, in order. */
  readonly equations: readonly string[]
  /** What it reads from memory, as dtype and shape. */
  readonly inputs: readonly string[]
  /** What it writes to memory. */
  readonly outputs: readonly string[]
  /** The block of memory of every output. */
  readonly blocks: readonly number[]
  /** Bytes that it needs beside inputs and outputs while it runs. */
  readonly scratch: number
  /** Operations on numbers; each counts one, whatever it costs. */
  readonly flops: number
  /** Bytes of its inputs. */
  readonly read: number
  /** Bytes of its outputs. */
  readonly written: number
  /** The scopes that its equations were traced in, outermost first. */
  readonly scope: string
}

/** What a backend does with a Program. */
export interface Explanation {
  /** The name of the backend. */
  readonly backend: string
  /** What it does, in order. */
  readonly steps: readonly ExplainedStep[]
  /** Where the steps write. */
  readonly blocks: readonly ExplainedBlock[]
  /** Bytes alive at once at most, arguments and results included, by the plan. */
  readonly peak: number
  /** The share of that which is neither argument nor result: values between steps, and scratch. */
  readonly working: number
  /** Operations of all steps. */
  readonly flops: number
  /** Bytes that steps read from memory. */
  readonly read: number
  /** Bytes that steps write to memory. */
  readonly written: number
  /** A table: one line per step, then totals. */
  readonly toString: () => string
}

/** A step before its memory is planned. */
interface Bare {
  readonly name: string
  readonly equations: readonly Equation[]
  readonly reads: readonly Atom[]
  readonly writes: readonly Var[]
  readonly flops: number
  /** The writes are the memory of the reads. */
  readonly alias: boolean
}

const bareEquation = (e: Equation): Bare => ({
  name: e.prim.lower.kind === 'host' ? `host ${e.prim.name}` : e.prim.name,
  equations: [e],
  reads: e.inputs,
  writes: e.outputs,
  flops: flopsOf(e),
  alias: false,
})

const bareStep = (step: ProgramStep): Bare => {
  if (step.kind === 'equation') return bareEquation(step.equation)
  if (step.kind === 'alias') return { name: 'alias', equations: [], reads: [step.from], writes: [step.to], flops: 0, alias: true }
  const { outer, inner } = step
  return {
    name: `loops ${outer.join('x')}${inner.length === 0 ? '' : ` | ${inner.join('x')}`}`.trim(),
    equations: step.equations,
    reads: step.inputs,
    writes: step.outputs.map((o) => o.variable),
    flops: flopsOfKernel(step),
    alias: false,
  }
}

const prefixes = [' ', 'k', 'M', 'G', 'T']
/** `12.3 MB`. */
const amount = (n: number, unit: string): string => {
  const k = n < 1000 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(n) / 3))
  const x = n / 1000 ** k
  return `${k === 0 ? String(n) : x.toFixed(x < 100 ? 1 : 0)} ${prefixes[k]!}${unit}`
}

/** `add, mul x3, tanh`: runs of one name once. */
const listed = (names: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const n of names) counts.set(n, (counts.get(n) ?? 0) + 1)
  return [...counts].map(([n, c]) => (c === 1 ? n : `${n} x${c}`)).join(', ')
}

const shown = ({ backend, steps, blocks, peak, working, flops, read, written }: Explanation): string => {
  const columns = steps.map((s, k) => [
    String(k),
    s.name,
    amount(s.flops, 'flop'),
    amount(s.read, 'B'),
    amount(s.written, 'B'),
    s.blocks.map((b) => `#${b}`).join(' '),
  ])
  const head = ['', 'step', 'work', 'reads', 'writes', 'into']
  const widths = head.map((h, c) => Math.max(h.length, ...columns.map((row) => row[c]!.length)))
  const row = (cells: readonly string[]): string =>
    cells
      .map((x, c) => (c === 1 || c === 5 ? x.padEnd(widths[c]!) : x.padStart(widths[c]!)))
      .join('  ')
      .trimEnd()
  const details = (s: ExplainedStep): string[] => [
    ...(s.equations.length > 1 ? [`${' '.repeat(widths[0]! + 4)}${listed(s.equations)}`] : []),
    `${' '.repeat(widths[0]! + 4)}${s.inputs.join(' ')} -> ${s.outputs.join(' ')}${s.scope === '' ? '' : `  # ${s.scope}`}`,
  ]
  return [
    row(head),
    ...steps.flatMap((s, k) => [row(columns[k]!), ...details(s)]),
    `${backend}: ${steps.length} steps, ${amount(flops, 'flop')}, ${amount(read, 'B')} read, ${amount(written, 'B')} written`,
    `memory: ${amount(peak, 'B')} at most, ${amount(working, 'B')} of it neither argument nor result; ${blocks.reduce((n, b) => n + b.uses, 0)} values in ${blocks.length} blocks`,
  ].join('\n')
}

const sumOf = (values: readonly Atom[]): number => values.reduce((n, a) => n + bytesOf(a.aval), 0)
const sum = (steps: readonly ExplainedStep[], of: (s: ExplainedStep) => number): number => steps.reduce((n, s) => n + of(s), 0)

const explained = (backend: string, program: Program, bare: readonly Bare[], memory: MemoryUsage): Explanation => {
  const { blocks, places, scratch, working } = memory
  const order = new Map(program.equations.map((e, k) => [e, k]))
  const steps = bare.map((b, k): ExplainedStep => {
    const equations = [...b.equations].sort((x, y) => (order.get(x) ?? 0) - (order.get(y) ?? 0))
    return {
      name: b.name,
      equations: equations.map((e) => e.prim.name),
      inputs: b.reads.map((a) => showAval(a.aval)),
      outputs: b.writes.map((v) => showAval(v.aval)),
      blocks: places[k]!,
      scratch: scratch[k]!,
      flops: b.flops,
      read: b.alias ? 0 : b.reads.reduce((n, a) => n + bytesOf(a.aval), 0),
      written: b.alias ? 0 : b.writes.reduce((n, v) => n + bytesOf(v.aval), 0),
      scope: [...new Set(equations.map((e) => e.scope).filter((x) => x !== ''))].join(', '),
    }
  })
  const explanation: Explanation = {
    backend,
    steps,
    blocks,
    peak: memory.peak + sumOf(program.inputs),
    working,
    flops: sum(steps, (s) => s.flops),
    read: sum(steps, (s) => s.read),
    written: sum(steps, (s) => s.written),
    toString: () => shown(explanation),
  }
  return explanation
}

/** For backends that run one equation after the other. */
export const explainEquations = (backend: string, program: Program): Explanation => {
  const steps = program.equations.map((e): ProgramStep =>
    e.prim.lower.kind === 'alias' ? { kind: 'alias', from: e.inputs[0]!, to: e.outputs[0]! } : { kind: 'equation', equation: e },
  )
  const fused = { inputs: program.inputs, steps, outputs: program.outputs }
  const none = doingOf(fused).map(() => ({ scratch: 0, beyond: 0 }))
  const plan = planMemory(
    fused,
    [],
    none.map(() => 0),
    processorMemory,
  )
  return explained(backend, program, steps.map(bareStep), usageOf(fused, plan, none, processorMemory))
}

/** For backends that run the steps of `fuse` on a target, with `memory` for them. */
export const explainFused = (target: Target, program: Program, memory: MemoryUsage): Explanation =>
  explained(target.name, program, fuse(program, target).steps.map(bareStep), memory)
