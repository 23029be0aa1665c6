/** Processes that download one file at once. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('several processes that download one file all get it, and leave nothing beside it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'test/data/fetching.ts', '--times', '3'])
  expect(stdout).toMatch(/^6 folders, (1[5-9]|[2-9]\d) answers: 0 wrong, 0 left beside\n$/)
}, 120_000)
