import bcrypt from 'bcryptjs';

export interface BcryptTask {
  readonly password: string;
  readonly hash: string;
}

/** Whether the password is that of the hash. Takes 0.3 s at a cost of 10, which is why it has a thread of its own. */
export default function compare({ password, hash }: BcryptTask): boolean {
  return bcrypt.compareSync(password, hash);
}
