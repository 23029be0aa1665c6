/** The program of a member: a thread that runs the Programs it is sent. Bundled into one text, because a thread starts from a file or a text. */
import { builtin } from '../core/builtin.js'
import { AdjointError } from '../core/errors.js'
import { hostTensor, peek, type Tensor } from '../core/tensor.js'
import type { TypedArray } from '../core/dtype.js'
import { callP } from '../control/call.js'
import { configure } from '../device/select.js'
import type { Interpreter } from '../ir/bind.js'
import { bindAll, current, within } from '../ir/bind.js'
import type { Program } from '../ir/program.js'
import { decode } from './encode.js'
import type { MemberAnswer, Hello, Job } from './jobs.js'
import { end, threadGroup } from './threadGroup.js'

interface Port {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  on(event: 'message', f: (message: unknown) => void): void
}

const { workerData } = builtin('node:worker_threads') as { readonly workerData: Hello }
const port = workerData.port as Port
const programs = new Map<number, { readonly program: Program; readonly params: Parameters<typeof callP.shape>[1] }>()

const programOf = ({ id, program, name }: Job): Parameters<typeof callP.shape>[1] => {
  if (program !== undefined) {
    const decoded = decode(program)
    programs.set(id, { program: decoded, params: { program: decoded, name, donate: [] } })
  }
  return programs.get(id)!.params
}

/** Evaluation as a member of the axis: what runs finds the group in its environment. */
const asMember = ({ axisName, size, memory }: Job, index: number): Interpreter => {
  const outer = current()
  return {
    name: 'spmd',
    outer,
    axis: { name: axisName, size, group: threadGroup(axisName, size, index, memory) },
    // not under `outer`: what is evaluated asks for the axes in force here
    process: (prim, inputs, params) => outer.process(prim, inputs, params),
  }
}

const run = (job: Job): MemberAnswer => {
  const params = programOf(job)
  for (const id of job.forget) programs.delete(id)
  configure({ backend: job.backend, threads: 1 })
  const inputs = job.inputs.map((data, k): Tensor => hostTensor(params.program.inputs[k]!.aval, data))
  const outputs = within(asMember(job, workerData.index), () => bindAll(callP, inputs, params))
  return { outputs: outputs.map((y): TypedArray => peek(y).slice()) }
}

const said = (error: unknown): MemberAnswer => {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
  return { error: { name, message, ours: error instanceof AdjointError } }
}

port.on('message', (message) => {
  const job = message as Job
  let answer: MemberAnswer
  try {
    answer = run(job)
  } catch (error) {
    answer = said(error)
  }
  port.postMessage(answer, 'outputs' in answer ? answer.outputs.map((y) => y.buffer as ArrayBuffer) : [])
  end(job.memory, workerData.index, 'error' in answer)
})
port.postMessage('ready')
end(workerData.started, workerData.index, false)
