/** Where e-mail goes out, and to whom it may go. */
export interface MailConfig {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string;
  readonly from: string;
  /** In lower case; mail goes to addresses in these alone. */
  readonly domains: readonly string[];
}

/** Undefined without a mail server. What is wrong is added to the faults. */
export function readMail(
  env: NodeJS.ProcessEnv,
  domains: readonly string[],
  faults: string[],
): MailConfig | undefined {
  const url = env['SMTP_URL'] ?? '';
  const from = env['SMTP_FROM'] ?? '';
  if (url === '') return undefined;
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
    faults.push('SMTP_URL must be a URL such as smtps://user:password@mail.example.org');
  if (!/^[^\s@]+@[^\s@]+$/.test(from))
    faults.push('SMTP_FROM must be an e-mail address when SMTP_URL is set');
  if (domains.length === 0)
    faults.push(
      'SUBSCRIPTION_EMAIL_DOMAINS must list the domains to which e-mail may go when SMTP_URL is set',
    );
  return { url, from, domains: domains.map((domain) => domain.toLowerCase()) };
}
