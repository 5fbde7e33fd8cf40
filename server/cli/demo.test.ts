import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../core/paths.ts'
import { TestClient } from '../testing/client.ts'

describe('npm run demo', function () {
  this.timeout(240_000)
  const folder = mkdtempSync(join(tmpdir(), 'integral-demo-'))
  const port = 20_000 + (process.pid % 20_000)
  const started: ChildProcess[] = []

  after(() => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const start = () => {
    const env = { PATH: process.env.PATH, INTEGRAL_DATA: folder, PORT: String(port) }
    const demo = join(packageRoot, 'server', 'cli', 'demo.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', demo], { env, cwd: packageRoot })
    started.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    const kill = async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    /** Waits until it has said something, or done something. */
    const until = async (done: (said: string) => boolean) => {
      while (!done(said)) {
        if (child.exitCode !== null) throw new Error(`The demonstration ended: ${said}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return said
    }
    return { until, kill }
  }
  const passwordIn = (said: string) => /admin +(\S+)\n/.exec(said)?.[1] ?? ''

  it('begins anew after it was cut off while loading, and says the same sign-ins again after it was cut off later', async () => {
    const first = start()
    await first.until((said) => said.includes('Loading') && existsSync(join(folder, 'sign-ins.json')))
    await first.kill()

    const second = start()
    const said = await second.until((text) => text.includes('Integral: http'))
    expect(said).to.include('Loading')
    const answer = await new TestClient(`http://127.0.0.1:${port}`).post('/sign-in', {
      login: 'admin',
      password: passwordIn(said),
    })
    expect(answer.status).to.equal(303)
    await second.kill()

    const third = start()
    const again = await third.until((text) => text.includes('Integral: http'))
    expect(again).to.not.include('Loading')
    expect(passwordIn(again)).to.equal(passwordIn(said))
    await third.kill()
  })
})
