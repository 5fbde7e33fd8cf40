import { statfs } from 'node:fs/promises'
import { dataFolder } from '../../config.ts'
import { withTransaction } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { StoreError, stores } from '../../core/files/stores/index.ts'
import type { JobDefinition } from '../../core/jobs/index.ts'
import { log } from '../../core/log.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'

/** A short pause of a network is no trouble: what fails is asked once more. */
const SECOND_LOOK_MS = 6000

/** Looks every minute whether files can be kept; what begins and what ends is noted, and administrators are told. */
export const watchJob: JobDefinition = {
  kind: 'files.watch',
  schedule: '* * * * *',
  run: () => watchStore(),
}

/** @param pause before the second look, in milliseconds */
export async function watchStore(pause = SECOND_LOOK_MS): Promise<void> {
  let trouble = await look()
  if (trouble && !(await setting('storeTrouble')).since) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    trouble = await look()
  }
  const known = await setting('storeTrouble')
  if (Boolean(trouble) === Boolean(known.since) && (trouble?.code ?? '') === known.code) return
  await withTransaction(async () => {
    const since = trouble ? known.since || nowUtc() : ''
    await saveSetting('storeTrouble', { since, code: trouble?.code ?? '' })
    const type = trouble ? 'fileStoreLost' : 'fileStoreFound'
    await recordEvent(SYSTEM, type, { type: 'setting', id: 0 }, { store: stores().main.kind, code: trouble?.code })
  })
}

async function look(): Promise<StoreError | undefined> {
  try {
    await stores().main.check()
    if (stores().main.kind === 'disk') await demandFreeDisk()
    return undefined
  } catch (error) {
    const trouble = error instanceof StoreError ? error : new StoreError('errors.storeUnavailable', error)
    log.error({ error: trouble.cause, store: stores().main.kind }, 'the store of files is in trouble')
    return trouble
  }
}

/** From here on uploads are refused, see core/http/uploads.ts. */
async function demandFreeDisk(): Promise<void> {
  const { bavail, bsize } = await statfs(dataFolder())
  const { keepFreeMegabytes } = await setting('files')
  if (bavail * bsize < keepFreeMegabytes * 1e6)
    throw new StoreError('errors.storeFull', new Error('the disk is nearly full'))
}
