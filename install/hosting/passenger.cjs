// The startup file for Phusion Passenger, which loads it with require(): Integral itself is an ES module.
// Passenger takes over whatever port the server asks for.
import('../../dist/server/main.js').catch((error) => {
  console.error(error)
  process.exit(1)
})
