/**
 * Installs what some tests compare with and nothing else needs: `node scripts/oracles.mjs [FOLDER]`, then
 * `ADJOINT_ORACLES=FOLDER npm test -- test/io/onnx`. onnxruntime-node is 290 MB with its builds for all platforms; its installation script,
 * which would fetch more for GPUs, is not run. The folder is `oracles` unless named.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve(process.argv[2] ?? 'oracles')
const packages = ['onnxruntime-node@1.30.0']

mkdirSync(folder, { recursive: true })
const manifest = join(folder, 'package.json')
if (!existsSync(manifest)) writeFileSync(manifest, `${JSON.stringify({ name: 'oracles', private: true })}\n`)
execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder, stdio: 'inherit' })
console.log(`ADJOINT_ORACLES=${folder} npm test -- test/io/onnx`)
