/** The worked example (§13), made with a published test key. */
export const EXAMPLE = {
  keys: 'cretula_key1_63726574756c612d746573742d6b65792d6e756d6265722d30312e2e2e2e2e2e_4396de00',
  audience: 'shop.example',
  purpose: 'session',
  now: '1790000100',
  sealed:
    'CrE1xFeQKlpZgjeiMJVzh5NxTz257ZPMfWw71tIMYg75cYgo_XlhLq2ECo9SXYI_zlGisurTP0sX9ZyJxDPl3HwkWTuykAIjwHSNTwj_FjXHkCm' +
    'FlW5Dv8TFi2SeioIX0kJaXse8N6GBBbtNavlnIOuF',
  signed:
    'CrS1op1_r9LKe8Jn9Z30XTx-8xMNdgcZ_tBKkUALjXBjffgAAGqxO4AAAAcIeyJzdWIiOiJhZGEiLCJiYXNrZXQiOlsxNyw0XX0Ku4jAhcGABaY' +
    'JNjvVtzX15cchxKwZwQf8KBNS63dgKA',
};

const ATTRIBUTES = 'Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax';

export const EXAMPLE_COOKIE = `Set-Cookie: __Host-Http-session=${EXAMPLE.sealed}; ${ATTRIBUTES}`;
