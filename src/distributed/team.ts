/** Members as threads of this process: started once, kept, and given Programs to run. The thread that calls waits for them. */
import { builtin } from '../core/builtin.js'
import { quoted } from '../core/describe.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { DeviceError, fail } from '../core/errors.js'
import { optimize } from '../ir/optimize.js'
import { everyProgram } from '../ir/passes/pass.js'
import type { Program } from '../ir/program.js'
import { encode } from './encode.js'
import type { MemberAnswer, Hello, Job } from './jobs.js'
import { memberSource } from './memberSource.js'
import type { SharedMemory } from './threadGroup.js'
import { join, reset, sharedMemory } from './threadGroup.js'

interface Port {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  unref(): void
}
interface Thread {
  unref(): void
  on(event: string, f: () => void): void
  terminate(): unknown
}
interface Threads {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  readonly Worker: new (source: string, options: Readonly<Record<string, unknown>>) => Thread
  readonly receiveMessageOnPort: (port: Port) => { readonly message: unknown } | undefined
}

/** Programs that members keep; the least recently run goes first. */
const capacity = 64

interface Sent {
  readonly id: number
  readonly memory: SharedMemory
}

interface Team {
  readonly size: number
  readonly ports: readonly Port[]
  readonly receive: Threads['receiveMessageOnPort']
  /** By Program, the least recently run first. */
  readonly sent: Map<Program, Sent>
  count: number
}

const teams = new Map<number, Team>()

const threadsOf = (): Threads => {
  const threads = builtin('node:worker_threads') as Threads | undefined
  return typeof threads?.receiveMessageOnPort === 'function'
    ? threads
    : fail(DeviceError, 'spmd: there are no threads here that this one may wait for', {
        fix: 'Node; in a page vmap of the same function, which gives the same results',
      })
}

const start = (size: number): Team => {
  const threads = threadsOf()
  if (memberSource === '')
    fail(DeviceError, 'spmd: the program of members is missing from this build', { fix: 'a build with scripts/member.mjs' })
  const started = sharedMemory(size, 0)
  const ports = Array.from({ length: size }, (_, index) => {
    const { port1, port2 } = new threads.MessageChannel()
    const workerData: Hello = { index, port: port2, started }
    const thread = new threads.Worker(memberSource, { eval: true, workerData, transferList: [port2], execArgv: [], stdin: false })
    thread.on('error', () => undefined)
    thread.on('exit', () => teams.delete(size))
    thread.unref()
    port1.unref()
    return port1
  })
  join(started, size)
  for (const port of ports) threads.receiveMessageOnPort(port)
  return { size, ports, receive: threads.receiveMessageOnPort, sent: new Map(), count: 0 }
}

const teamOf = (size: number): Team => {
  let team = teams.get(size)
  if (team === undefined) teams.set(size, (team = start(size)))
  return team
}

/** The most bytes that a member gives at once, in a Program and those that it holds. */
const largest = (program: Program, axisName: string): number => {
  let most = 0
  everyProgram(program, ({ equations }) => {
    for (const { prim, inputs, params } of equations)
      if (prim.lower.kind === 'host' && params['axisName'] === axisName)
        for (const { aval } of inputs) most = Math.max(most, aval.size * dtypes[aval.dtype].bytes)
  })
  return most
}

/** What all members run, and what each of them is given. */
export interface TeamRun {
  readonly program: Program
  readonly name: string
  readonly axisName: string
  readonly size: number
  readonly backend: string
  /** The inputs of the member at `index`: arrays of their own. */
  readonly inputsOf: (index: number) => readonly TypedArray[]
}

const optimized = new WeakMap<Program, Program>()
/** The Program as it is compiled; one object for each. */
const ready = (program: Program): Program => {
  let made = optimized.get(program)
  if (made === undefined) optimized.set(program, (made = optimize(program)))
  return made
}

/** What members are told of a Program: its number, itself if they do not have it, and what they need not keep. */
const announce = (team: Team, { program, axisName, size }: TeamRun): Sent & Pick<Job, 'program' | 'forget'> => {
  const known = team.sent.get(program)
  if (known !== undefined) {
    team.sent.delete(program)
    team.sent.set(program, known)
    return { ...known, forget: [] }
  }
  const made = ready(program)
  const plain = encode('spmd', made)
  const sent: Sent = { id: team.count++, memory: sharedMemory(size, largest(made, axisName)) }
  team.sent.set(program, sent)
  const forget: number[] = []
  for (const [old, { id }] of team.sent) {
    if (team.sent.size <= capacity) break
    team.sent.delete(old)
    forget.push(id)
  }
  return { ...sent, program: plain, forget }
}

const failed = (answer: MemberAnswer | undefined, index: number, axisName: string): never => {
  const { name, message, ours } =
    answer !== undefined && 'error' in answer ? answer.error : { name: 'Error', message: 'it gave no results', ours: false }
  return fail(DeviceError, `spmd: member ${index} of ${quoted(axisName)} failed: ${ours ? '' : `${name}: `}${message}`)
}

/** Runs a Program on all members at once and gives the outputs of each. @throws DeviceError with the first cause when one of them fails */
export const runOnThreads = (run: TeamRun): readonly (readonly TypedArray[])[] => {
  const { size, axisName, name, backend } = run
  const team = teamOf(size)
  const { id, memory, program, forget } = announce(team, run)
  reset(memory)
  team.ports.forEach((port, index) => {
    const inputs = run.inputsOf(index)
    const job: Job = { id, ...(program === undefined ? {} : { program }), name, forget, axisName, size, memory, backend, inputs }
    port.postMessage(
      job,
      inputs.map((x) => x.buffer as ArrayBuffer),
    )
  })
  const first = join(memory, size)
  const answers = team.ports.map((port) => team.receive(port)?.message as MemberAnswer | undefined)
  if (first >= 0) failed(answers[first], first, axisName)
  return answers.map((a, k) => (a !== undefined && 'outputs' in a ? a.outputs : failed(a, k, axisName)))
}
