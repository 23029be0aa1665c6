/** Where it was measured. */
import { cpus, totalmem } from 'node:os'

/** Node, processor, cores, memory in one line. */
export const machine = (): string => {
  const all = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${all[0]?.model.trim() ?? 'unknown processor'}, ${all.length} cores, ${gibibytes} GiB`
}
