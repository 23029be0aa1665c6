/**
 * Installs the libraries that `npm run bench` measures beside this one: `node scripts/rivals.mjs [FOLDER]`, then
 * `ADJOINT_RIVALS=FOLDER npm run bench`. They are not dependencies; the folder is `rivals` unless named.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve(process.argv[2] ?? 'rivals')
const packages = ['@jax-js/jax@0.1.25', '@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0']

mkdirSync(folder, { recursive: true })
const manifest = join(folder, 'package.json')
if (!existsSync(manifest)) writeFileSync(manifest, `${JSON.stringify({ name: 'rivals', private: true })}\n`)
execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder, stdio: 'inherit' })
console.log(`ADJOINT_RIVALS=${folder} npm run bench`)
console.log('PyTorch and NumPy are measured when python3 has them: pip install torch numpy')
