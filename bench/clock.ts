/** The clock of a run: wall time, or with `--clock cpu` the processor time of all threads of a process, for machines that others use too. */

const name = 'ADJOINT_BENCH_CLOCK'

/** Chooses the clock, for this process and those that it starts. */
export const chooseClock = (clock: string): void => {
  process.env[name] = clock
}

/** Seconds. */
export const now = (): number => {
  if (process.env[name] !== 'cpu') return performance.now() / 1000
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
