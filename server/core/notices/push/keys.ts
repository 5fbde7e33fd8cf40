import webPush from 'web-push'
import { type Setting, saveSettingOnce, setting } from '../../settings.ts'

/** The keys of this installation, made at first need; whoever needs them at the same time gets the same. */
export async function pushKeys(): Promise<Setting<'pushKeys'>> {
  const known = await setting('pushKeys')
  return known.publicKey ? known : saveSettingOnce('pushKeys', webPush.generateVAPIDKeys())
}
