import { Worker } from 'node:worker_threads'
import { TableError } from '../parsing/types.ts'
import type { WorkerRequest, WorkerResponse, WorkerResults } from './protocol.ts'

/** Longer than any file within the limits takes; beyond it the file is made to exhaust the reader. */
const TIMEOUT_MS = 120_000
/** The thread may not take the memory of the whole machine. */
const HEAP_MB = 768
/** Threads at once in this process; further files wait their turn. */
const THREADS = 2

/** A thread that has done its work waits so long for the next file, which often is the next step of the same import. */
const IDLE_MS = 20_000

let running = 0
let idle: { worker: ImportWorker; timer: NodeJS.Timeout } | undefined
const waiting: (() => void)[] = []

async function takeTurn(): Promise<void> {
  if (running < THREADS) {
    running++
    return
  }
  await new Promise<void>((resolve) => waiting.push(resolve))
}

function passTurn(): void {
  const next = waiting.shift()
  if (next) next()
  else running--
}

/** Compiled, the thread is a .js file beside this one; run from the sources it needs the loader that runs them. */
function startThread(): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./thread.js', import.meta.url), options)
  const source = new URL('./thread.ts', import.meta.url).href
  const loader = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(loader, { ...options, eval: true })
}

type Pending = { resolve: (result: WorkerResults[keyof WorkerResults]) => void; reject: (error: Error) => void }

/** A thread that reads one file; ask it one thing after another, then close it. */
class ImportWorker {
  readonly #worker = startThread()
  #pending: Pending | undefined
  #gone = false

  constructor() {
    this.#worker.on('message', (response: WorkerResponse) => {
      if (response.ok) this.#settle(({ resolve }) => resolve(response.result))
      else this.#fail(response.code ? new TableError(response.code, response.values) : new Error(response.message))
    })
    this.#worker.on('error', (error: Error & { code?: string }) => {
      this.#fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new TableError('tooComplex') : error)
    })
    this.#worker.on('exit', () => {
      this.#gone = true
      this.#fail(new TableError('tooComplex'))
    })
  }

  #settle(how: (pending: Pending) => void): void {
    const pending = this.#pending
    this.#pending = undefined
    if (pending) how(pending)
  }

  #fail(error: Error): void {
    this.#settle(({ reject }) => reject(error))
  }

  /**
   * Asks the thread and waits for its answer.
   * @throws TableError when the file is to blame
   */
  async ask<Task extends WorkerRequest['task']>(request: WorkerRequest & { task: Task }): Promise<WorkerResults[Task]> {
    if (this.#gone) throw new TableError('tooComplex')
    const timer = setTimeout(() => {
      this.#fail(new TableError('tooComplex'))
      void this.close()
    }, TIMEOUT_MS)
    try {
      return await new Promise((resolve, reject) => {
        this.#pending = { resolve: resolve as Pending['resolve'], reject }
        this.#worker.postMessage(request)
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Whether the process may not end while the thread lives. */
  keepAlive(on: boolean): void {
    if (on) this.#worker.ref()
    else this.#worker.unref()
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

export type { ImportWorker }

function takeIdle(): ImportWorker | undefined {
  const found = idle
  idle = undefined
  clearTimeout(found?.timer)
  found?.worker.keepAlive(true)
  return found?.worker
}

/** Lets a thread rest without holding up the end of the process; one is enough. */
async function rest(worker: ImportWorker): Promise<void> {
  await worker.ask({ task: 'forget' })
  if (idle) return worker.close()
  worker.keepAlive(false)
  const timer = setTimeout(() => {
    idle = undefined
    void worker.close()
  }, IDLE_MS)
  timer.unref()
  idle = { worker, timer }
}

/** Lends a thread for the time of `work`; waits while too many are at work. */
export async function withImportWorker<T>(work: (worker: ImportWorker) => Promise<T>): Promise<T> {
  await takeTurn()
  const worker = takeIdle() ?? new ImportWorker()
  try {
    const result = await work(worker)
    await rest(worker)
    return result
  } catch (error) {
    // A file that is no table has done no harm; what else happened to the thread is not known.
    if (error instanceof TableError && error.code !== 'tooComplex') await rest(worker)
    else await worker.close()
    throw error
  } finally {
    passTurn()
  }
}
