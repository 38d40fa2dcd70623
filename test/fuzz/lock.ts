/** Throws for inputs that begin with these bytes: each is looked at only where the one before is right. */
export function open(input: Uint8Array): void {
  if (input[0] === 0x53) {
    if (input[1] === 0x65) {
      if (input[2] === 0x6e) {
        if (input[3] === 0x74) throw new Error('open');
      }
    }
  }
}
