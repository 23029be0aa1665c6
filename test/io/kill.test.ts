import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('training that is killed ends as it would have', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'test/io/kill.ts', '--times', '5'])
  expect(stdout).toMatch(/\nkilled 5 times in \d+ lives, \d+ runs finished, 0 failures\n$/)
}, 180_000)
