/**
 * The line that says whether everything is saved, in words and with a sign; and the live region that tells a screen
 * reader what matters without reading out every keystroke.
 */
const QUIET_MS = 1500

/**
 * @param {HTMLElement} root
 * @param {(key: string, variables?: object) => string} text
 */
export function createStatus(root, text) {
  const line = root.querySelector('[data-part="status"]')
  const words = line.querySelector('[data-part="status-text"]')
  const signIn = line.querySelector('[data-part="sign-in"]')
  const live = root.querySelector('[data-part="announce"]')
  let quiet = null
  let told = 'idle'

  function announce(sentence) {
    // The same sentence twice is read only if the text changes.
    live.textContent = live.textContent === sentence ? `${sentence}\u00a0` : sentence
  }

  return {
    announce,
    /** @param {string} state of the queue @param {{ unsaved: number, conflicts: number, refused: number }} counts */
    show(state, { unsaved, conflicts, refused }) {
      const waiting = unsaved - conflicts - refused
      const shown = conflicts + refused > 0 && state === 'idle' ? 'attention' : state
      line.dataset.state = shown
      const count = shown === 'attention' ? conflicts + refused : waiting
      words.textContent = text(`status.${shown}`, { count })
      signIn.hidden = state !== 'signedOut'
      if (shown === 'offline' || shown === 'signedOut' || shown === 'failed') {
        if (told !== shown) announce(words.textContent)
      } else if (shown === 'idle' && told !== 'idle') {
        clearTimeout(quiet)
        quiet = setTimeout(() => line.dataset.state === 'idle' && announce(words.textContent), QUIET_MS)
      }
      told = shown
    },
  }
}
