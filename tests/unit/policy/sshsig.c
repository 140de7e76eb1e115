/* SPDX-License-Identifier: ISC */
/* SSH signatures, both ways against the installed ssh-keygen, and each place where we are stricter than it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/base/cleanup.h"
#include "policy/decide/host.h"
#include "tests/kit/keygen.h"
#include "policy/statement/sshsig.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <sodium.h>

#define MESSAGE "breakglass-statement 1\nkind: close\n"
#define NS "breakglass"
#define ED "ssh-ed25519"
#define SK "sk-ssh-ed25519@openssh.com"

/* --- a signature made by hand, every part of which a test may change --- */

struct recipe {
    const char *type, *inner_type, *ns, *signed_ns, *reserved, *hash, *application;
    uint32_t version;
    unsigned char flags;
    size_t pk_len, sig_len;
    size_t after_key, after_inner, after_blob; /* bytes too many */
    bool no_counter;
};

static unsigned char pk[32], sk[64];

static struct recipe plain(void)
{
    return (struct recipe){.type = ED,
                           .inner_type = ED,
                           .ns = NS,
                           .signed_ns = NS,
                           .reserved = "",
                           .hash = "sha512",
                           .version = 1,
                           .pk_len = 32,
                           .sig_len = 64};
}

static struct recipe fido(void)
{
    struct recipe r = plain();

    r.type = r.inner_type = SK;
    r.application = "ssh:";
    r.flags = 1;
    return r;
}

static void put(struct bg_wire_out *w, const void *bytes, size_t len)
{
    assert_int_equal(bg_wire_put(w, bytes, len), 0);
}

static void put_string(struct bg_wire_out *w, const void *bytes, size_t len)
{
    assert_int_equal(bg_wire_put_string(w, bytes, len), 0);
}

static void put_text(struct bg_wire_out *w, const char *text)
{
    put_string(w, text, strlen(text));
}

static size_t key_blob(const struct recipe *r, unsigned char out[512])
{
    struct bg_wire_out w = {.p = out, .size = 512};

    put_text(&w, r->type);
    put_string(&w, pk, r->pk_len);
    if (r->application)
        put_text(&w, r->application);
    put(&w, "trailing", r->after_key);
    return w.len;
}

/* What is signed: PROTOCOL.sshsig and PROTOCOL.u2f, written down a second time. */
static void sign(const struct recipe *r, unsigned char sig[64])
{
    unsigned char data[512], outer[512];
    unsigned char hash[64];
    struct bg_wire_out w = {.p = data, .size = sizeof data}, f = {.p = outer, .size = sizeof outer};
    const unsigned char counter[4] = {0, 0, 0, 7};

    put(&w, "SSHSIG", 6);
    put_text(&w, r->signed_ns);
    put_text(&w, "");
    put_text(&w, r->hash);
    if (strcmp(r->hash, "sha256") == 0) {
        crypto_hash_sha256(hash, (const unsigned char *)MESSAGE, strlen(MESSAGE));
        put_string(&w, hash, 32);
    } else {
        crypto_hash_sha512(hash, (const unsigned char *)MESSAGE, strlen(MESSAGE));
        put_string(&w, hash, 64);
    }
    if (r->application) {
        crypto_hash_sha256(hash, (const unsigned char *)r->application, strlen(r->application));
        put(&f, hash, 32);
        put(&f, &r->flags, 1);
        put(&f, counter, 4);
        crypto_hash_sha256(hash, data, w.len);
        put(&f, hash, 32);
        crypto_sign_detached(sig, NULL, outer, f.len, sk);
    } else {
        crypto_sign_detached(sig, NULL, data, w.len, sk);
    }
}

static size_t cook(const struct recipe *r, unsigned char out[BG_SSHSIG_BLOB_MAX])
{
    unsigned char key[512], inner[512], sig[64];
    struct bg_wire_out i = {.p = inner, .size = sizeof inner}, w = {.p = out, .size = BG_SSHSIG_BLOB_MAX};
    size_t key_len = key_blob(r, key);
    const unsigned char counter[4] = {0, 0, 0, 7};

    sign(r, sig);
    put_text(&i, r->inner_type);
    put_string(&i, sig, r->sig_len);
    if (r->application && !r->no_counter) {
        put(&i, &r->flags, 1);
        put(&i, counter, 4);
    }
    put(&i, "trailing", r->after_inner);
    put(&w, "SSHSIG", 6);
    assert_int_equal(bg_wire_put_u32(&w, r->version), 0);
    put_string(&w, key, key_len);
    put_text(&w, r->ns);
    put_text(&w, r->reserved);
    put_text(&w, r->hash);
    put_string(&w, inner, i.len);
    put(&w, "trailing", r->after_blob);
    return w.len;
}

/* What ssh-keygen -Y verify says to it: its exit status. */
static int ask_openssh(const struct recipe *r, const char *ns)
{
    unsigned char blob[BG_SSHSIG_BLOB_MAX], key[512];
    size_t len = cook(r, blob), key_len;
    struct recipe line = *r;
    char base64[1024], allowed[2048];
    bg_free_ char *armour = bg_sshsig_armour(blob, len);

    line.after_key = 0;
    key_len = key_blob(&line, key);
    sodium_bin2base64(base64, sizeof base64, key, key_len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(allowed, sizeof allowed, "alice namespaces=\"%s\" %s %s\n", ns, r->type, base64);
    put_file("allowed", allowed, strlen(allowed));
    put_file("made.sig", armour, strlen(armour));
    put_file("made", MESSAGE, strlen(MESSAGE));
    return KEYGEN("made", "-Y", "verify", "-f", "allowed", "-I", "alice", "-n", (char *)ns, "-s", "made.sig");
}

/* What we say: the sentence, "" for yes. `need_uv` as in the policy. */
static const char *ask_us(const struct recipe *r, bool need_uv)
{
    static struct bg_sentence err;
    unsigned char blob[BG_SSHSIG_BLOB_MAX], key_bytes[512];
    struct bg_sshsig sig;
    struct bg_key key;
    struct recipe line = *r;
    size_t len = cook(r, blob);
    int rc;

    err.text[0] = '\0';
    line.after_key = 0;
    line.pk_len = 32;
    assert_int_equal(bg_key_parse(&key, key_bytes, key_blob(&line, key_bytes), NULL), 0);
    rc = bg_sshsig_parse(&sig, blob, len, &err);
    if (rc < 0) {
        assert_true(rc == -EINVAL || rc == -EOPNOTSUPP);
        assert_int_equal(sig.key.type, BG_KEY_NONE);
        return err.text;
    }
    rc = bg_sshsig_verify(&sig, &key, NS, need_uv, MESSAGE, strlen(MESSAGE), &err);
    assert_true(rc == 0 || rc == -EKEYREJECTED);
    assert_int_equal(rc == 0, err.text[0] == '\0');
    return err.text;
}

/* --- both ways --- */

static void test_openssh_signs(void **state)
{
    bg_free_ char *text = NULL, *pub_text = NULL;
    unsigned char blob[BG_SSHSIG_BLOB_MAX];
    char changed[] = MESSAGE;
    struct bg_sshsig sig;
    struct bg_key key, other = {0};
    struct bg_sentence err = {""};
    size_t len;

    (void)state;
    put_file("m", MESSAGE, strlen(MESSAGE));
    assert_int_equal(KEYGEN(NULL, "-q", "-t", "ed25519", "-N", "", "-f", "k"), 0);
    assert_int_equal(KEYGEN(NULL, "-Y", "sign", "-f", "k", "-n", NS, "m"), 0);
    pub_text = get_file("k.pub");
    text = get_file("m.sig");
    assert_int_equal(bg_key_parse_text(&key, pub_text, &err), 0);
    assert_int_equal(bg_sshsig_dearmour(blob, &len, text, strlen(text), &err), 0);
    assert_int_equal(bg_sshsig_parse(&sig, blob, len, &err), 0);
    assert_int_equal(bg_sshsig_verify(&sig, &key, NS, false, MESSAGE, strlen(MESSAGE), &err), 0);
    bg_free_ char *again = bg_sshsig_armour(blob, len);
    assert_string_equal(again, text);

    assert_int_equal(bg_sshsig_verify(&sig, &other, NS, false, MESSAGE, strlen(MESSAGE), &err),
                     -EKEYREJECTED);
    assert_string_equal(err.text, "the signature is by another key");
    assert_int_equal(bg_sshsig_verify(&sig, &key, "breakglass-host", false, MESSAGE, strlen(MESSAGE), &err),
                     -EKEYREJECTED);
    assert_string_equal(err.text,
                        "the signature is for the namespace breakglass, and breakglass-host is needed "
                        "(ssh-keygen -Y sign -n breakglass-host)");
    assert_int_equal(bg_sshsig_verify(&sig, &key, NS, true, MESSAGE, strlen(MESSAGE), &err), -EKEYREJECTED);
    assert_string_equal(err.text,
                        "the signature is by a key in a file, and a security key with PIN or fingerprint is "
                        "needed here");
    changed[3] ^= 1;
    assert_int_equal(bg_sshsig_verify(&sig, &key, NS, false, changed, strlen(changed), &err), -EKEYREJECTED);
    assert_string_equal(err.text, "the signature does not fit the text: one of them was changed");
    /* Every flipped bit of the blob is refused somewhere. */
    for (size_t bit = 0; bit < len * 8; bit++) {
        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_true(bg_sshsig_parse(&sig, blob, len, NULL) < 0 ||
                    bg_sshsig_verify(&sig, &key, NS, false, MESSAGE, strlen(MESSAGE), NULL) < 0);
        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(bg_sshsig_parse(&sig, blob, cut, NULL), -EINVAL);
}

static void test_other_keys(void **state)
{
    static const struct {
        const char *type, *bits, *name;
    } kinds[] = {{"rsa", "2048", "ssh-rsa"}, {"ecdsa", "256", "ecdsa-sha2-nistp256"}};

    (void)state;
    put_file("m", MESSAGE, strlen(MESSAGE));
    for (size_t i = 0; i < BG_COUNT(kinds); i++) {
        unsigned char blob[BG_SSHSIG_BLOB_MAX];
        bg_free_ char *text = NULL, *pub_text = NULL;
        struct bg_sentence err;
        struct bg_sshsig sig;
        struct bg_key key;
        char want[256];
        size_t len;

        (void)unlink("m.sig");
        (void)unlink("o");
        assert_int_equal(
            KEYGEN(NULL, "-q", "-t", (char *)kinds[i].type, "-b", (char *)kinds[i].bits, "-N", "", "-f", "o"),
            0);
        assert_int_equal(KEYGEN(NULL, "-Y", "sign", "-f", "o", "-n", NS, "m"), 0);
        text = get_file("m.sig");
        pub_text = get_file("o.pub");
        snprintf(want, sizeof want,
                 "a key of type %s cannot be used here: use ssh-ed25519 or sk-ssh-ed25519@openssh.com "
                 "(ssh-keygen -t "
                 "ed25519, or -t ed25519-sk for a security key)",
                 kinds[i].name);
        assert_int_equal(bg_sshsig_dearmour(blob, &len, text, strlen(text), &err), 0);
        assert_int_equal(bg_sshsig_parse(&sig, blob, len, &err), -EOPNOTSUPP);
        assert_string_equal(err.text, want);
        assert_int_equal(bg_key_parse_text(&key, pub_text, &err), -EOPNOTSUPP);
        assert_string_equal(err.text, want);
    }
}

static void test_ours_accepted(void **state)
{
    struct recipe r = plain(), f = fido();

    (void)state;
    assert_string_equal(ask_us(&r, false), "");
    assert_int_equal(ask_openssh(&r, NS), 0);
    assert_string_equal(ask_us(&f, false), "");
    assert_int_equal(ask_openssh(&f, NS), 0);
    f.flags = 5;
    assert_string_equal(ask_us(&f, true), "");
    assert_int_equal(ask_openssh(&f, NS), 0);
    f.application = "ssh:our own";
    assert_string_equal(ask_us(&f, true), "");
    assert_int_equal(ask_openssh(&f, NS), 0);
    assert_int_equal(ask_openssh(&f, "breakglass-login"), 255);
}

/* Where both say no, and where only we do: breakglass-signers(5) lists the latter. */
static void test_refused(void **state)
{
    struct recipe cases[24];
    const char *want[24];
    bool only_us[24];
    size_t n = 0;
#define CASE(base, change, stricter, sentence)                                                               \
    do {                                                                                                     \
        struct recipe r = base();                                                                            \
        change;                                                                                              \
        cases[n] = r;                                                                                        \
        only_us[n] = stricter;                                                                               \
        want[n++] = sentence;                                                                                \
    } while (0)

    (void)state;
    CASE(fido, r.flags = 0, true, "the security key was not touched for this signature (no user presence)");
    CASE(fido, r.flags = 4, true, "the security key was not touched for this signature (no user presence)");
    CASE(fido, r.flags = 0x81, true, "the security key's signature carries extensions, which are not taken");
    CASE(fido, r.flags = 0x41, true, "the security key's signature carries extensions, which are not taken");
    CASE(plain, r.reserved = "xyz", true, "the signature's reserved field is not empty");
    CASE(plain, r.hash = "sha256", true,
         "the signature's hash is not sha512, which ssh-keygen -Y sign uses by itself");
    CASE(plain, r.version = 0, true, "the signature is not of version 1");
    CASE(plain, r.version = 2, false, "the signature is not of version 1");
    CASE(plain, r.after_blob = 3, false, "the signature is malformed: bytes follow its end");
    CASE(plain, r.after_key = 3, false, "the public key is malformed: bytes follow its end");
    CASE(plain, r.after_inner = 3, false, "the signature is malformed: bytes follow the signature value");
    CASE(fido, r.after_inner = 3, false, "the signature is malformed: bytes follow the signature value");
    CASE(plain, r.sig_len = 63, false, "the signature is malformed: an Ed25519 signature has 64 bytes");
    CASE(fido, r.sig_len = 63, false, "the signature is malformed: an Ed25519 signature has 64 bytes");
    CASE(fido, r.no_counter = true, false, "the signature is malformed: it has no FIDO flags and counter");
    CASE(plain, r.pk_len = 31, false, "the public key is malformed: an Ed25519 key has 32 bytes");
    CASE(plain, r.inner_type = SK, false, "the signature is of another type than its key");
    CASE(fido, r.inner_type = ED, false, "the signature is of another type than its key");
    CASE(plain, r.ns = "", false, "the signature's namespace is empty or too long");
    CASE(plain, r.ns = "break\nglass", false,
         "the signature's namespace holds characters that are not printable");
    CASE(plain, r.ns = "git", false,
         "the signature is for the namespace git, and breakglass is needed (ssh-keygen -Y sign -n "
         "breakglass)");
    CASE(plain, r.signed_ns = "git", false, "the signature does not fit the text: one of them was changed");
    for (size_t i = 0; i < n; i++) {
        int status = ask_openssh(&cases[i], NS);

        assert_string_equal(ask_us(&cases[i], false), want[i]);
        if ((status == 0) != only_us[i])
            fail_msg("ssh-keygen says %d to case %zu: %s", status, i, want[i]);
    }
    struct recipe r = fido();
    assert_string_equal(ask_us(&r, true),
                        "the security key did not ask for its PIN or fingerprint, which is needed here "
                        "(make the key with ssh-keygen -O verify-required)");
}

/* --- armour --- */

static void test_armour(void **state)
{
#define B "-----BEGIN SSH SIGNATURE-----"
#define E "-----END SSH SIGNATURE-----"
#define NOT_BASE64                                                                                           \
    "the armoured signature is not base64, or longer than 1024 bytes: is its key ssh-ed25519 or "            \
    "sk-ssh-ed25519@openssh.com?"
    static const char zero[] = B "\nU1NI\0U0lH\n" E;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {B "\nU1NIU0lH\n" E, ""},
        {B "\r\nU1NI\r\nU0lH\r\n" E "\r\n \t\n", ""},
        {"\n" B "\nU1NIU0lH\n" E, "the armoured signature does not begin with " B},
        {"", "the armoured signature does not begin with " B},
        {B, "the armoured signature does not begin with " B},
        {B " \nU1NIU0lH\n" E, "the armoured signature's first line goes on after " B},
        {B "\nU1NIU0lH\n", "the armoured signature has no line " E},
        {B "\nU1NIU0lH" E, "the armoured signature has no line " E},
        {B "\nU1NIU0lH\n" E "\nmore", "something follows the armoured signature's last line"},
        {B "\nU1NI*0lH\n" E, NOT_BASE64},
        {B "\nU1NIU0l\n" E, NOT_BASE64},
        {B "\nU1NIU0lI=\n" E, NOT_BASE64},
        {B "\nU1NIU0lI====\n" E, NOT_BASE64},
        {B "\nU1NIU0=I\n" E, NOT_BASE64},
        {B "\nU1NIU0n=\n" E, NOT_BASE64}, /* bits left over */
    };
    unsigned char blob[BG_SSHSIG_BLOB_MAX];
    bg_free_ char *big = calloc(1, BG_SSHSIG_ARMOUR_MAX + 1);
    struct bg_sentence err;
    size_t len;

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        int r = bg_sshsig_dearmour(blob, &len, cases[i].text, strlen(cases[i].text), &err);

        assert_int_equal(r, cases[i].sentence[0] ? -EINVAL : 0);
        if (r < 0) {
            assert_string_equal(err.text, cases[i].sentence);
            assert_int_equal(len, 0);
        } else {
            assert_int_equal(len, 6);
            assert_memory_equal(blob, "SSHSIG", 6);
        }
    }
    assert_int_equal(bg_sshsig_dearmour(blob, &len, zero, sizeof zero - 1, &err), -EINVAL);
    assert_int_equal(bg_sshsig_dearmour(blob, &len, big, BG_SSHSIG_ARMOUR_MAX + 1, &err), -EINVAL);
    assert_string_equal(err.text, "the armoured signature is longer than 8192 bytes");
    assert_int_equal(bg_sshsig_parse(&(struct bg_sshsig){0}, blob, BG_SSHSIG_BLOB_MAX + 1, &err), -EINVAL);
}

/* --- the host's own key --- */

static void write_host(const char *host, const char *machine_id)
{
    put_file("etc/breakglass/host", host, strlen(host));
    put_file("etc/machine-id", machine_id, strlen(machine_id));
}

static void test_host(void **state)
{
    bg_free_ char *pub = NULL, *armour = NULL;
    unsigned char blob[BG_SSHSIG_BLOB_MAX];
    struct bg_root root;
    struct bg_host host;
    struct bg_sentence err = {""};
    char allowed[512];
    size_t len;

    (void)state;
    assert_int_equal(mkdir("etc", 0755), 0);
    assert_int_equal(mkdir("etc/breakglass", 0755), 0);
    assert_int_equal(bg_root_open(&root, "."), 0);
    assert_int_equal(bg_host_load(&host, &root, &err), -ENOENT);
    write_host("name: db1.prod\nmachine-id: 0123456789abcdef0123456789abcdef\n",
               "0123456789abcdef0123456789abcdef\n");
    assert_int_equal(bg_host_load(&host, &root, &err), 0);
    assert_string_equal(host.name, "db1.prod");
    assert_false(host.has_key);
    assert_int_equal(bg_host_sign(&root, MESSAGE, strlen(MESSAGE), blob, &len, &err), -ENOENT);

    assert_int_equal(
        KEYGEN(NULL, "-q", "-t", "ed25519", "-N", "", "-C", "of db1", "-f", "etc/breakglass/host.key"), 0);
    assert_int_equal(bg_host_load(&host, &root, &err), 0);
    assert_true(host.has_key);
    assert_int_equal(bg_host_sign(&root, MESSAGE, strlen(MESSAGE), blob, &len, &err), 0);
    pub = get_file("etc/breakglass/host.key.pub");
    armour = bg_sshsig_armour(blob, len);
    snprintf(allowed, sizeof allowed, "host:db1.prod namespaces=\"breakglass-host\" %s", pub);
    put_file("allowed", allowed, strlen(allowed));
    put_file("host.sig", armour, strlen(armour));
    put_file("m", MESSAGE, strlen(MESSAGE));
    assert_int_equal(KEYGEN("m", "-Y", "verify", "-f", "allowed", "-I", "host:db1.prod", "-n",
                            "breakglass-host", "-s", "host.sig"),
                     0);
    put_file("m", "other", 5);
    assert_int_equal(KEYGEN("m", "-Y", "verify", "-f", "allowed", "-I", "host:db1.prod", "-n",
                            "breakglass-host", "-s", "host.sig"),
                     255);

    assert_int_equal(chmod("etc/breakglass/host.key", 0640), 0);
    assert_int_equal(bg_host_sign(&root, MESSAGE, strlen(MESSAGE), blob, &len, &err), -EPERM);
    assert_string_equal(
        err.text, "/etc/breakglass/host.key can be read by others: chmod 600, and think about a new key");
    assert_int_equal(len, 0);
    bg_root_close(&root);
}

static void expect_host(const struct bg_root *root, int want, const char *sentence)
{
    struct bg_host host;
    struct bg_sentence err = {""};

    assert_int_equal(bg_host_load(&host, root, &err), want);
    assert_string_equal(err.text, sentence);
    assert_string_equal(host.name, "");
}

static void expect_no_sign(const struct bg_root *root, const char *sentence)
{
    unsigned char blob[BG_SSHSIG_BLOB_MAX];
    struct bg_sentence err = {""};
    size_t len;

    assert_int_equal(chmod("etc/breakglass/host.key", 0600), 0);
    assert_int_equal(bg_host_sign(root, MESSAGE, strlen(MESSAGE), blob, &len, &err), -EINVAL);
    assert_string_equal(err.text, sentence);
}

static void test_host_refused(void **state)
{
    static const char id[] = "0123456789abcdef0123456789abcdef\n";
    struct bg_root root;
    bg_free_ char *key = NULL;

    (void)state;
    assert_int_equal(bg_root_open(&root, "."), 0);
    write_host("name: db1.prod\nmachine-id: 0123456789abcdef0123456789abcdef\n", "ffff\n");
    expect_host(&root, -ESTALE,
                "this machine is not the one that was named db1.prod (its machine-id is another): was the "
                "disk cloned? Run breakglass init to name this one");
    write_host("name: db*\nmachine-id: 0123456789abcdef0123456789abcdef\n", id);
    expect_host(&root, -EINVAL, "/etc/breakglass/host:1: db* is not a host's name (a-z 0-9 . _ -)");
    write_host("name: db1.prod\n", id);
    expect_host(&root, -EINVAL,
                "/etc/breakglass/host is not two lines `name: …` and `machine-id: …`: run breakglass init "
                "again");
    write_host("name: db1.prod\nmachine-id: 0123456789abcdef0123456789abcdef\n", id);
    put_file("etc/breakglass/host.key.pub", "ssh-ed25519 AAAA\n", 17);
    expect_host(&root, -EINVAL,
                "/etc/breakglass/host.key.pub: the public key is malformed: it names no key type");

    key = get_file("etc/breakglass/host.key");
    put_file("etc/breakglass/host.key", key, strlen(key) / 2);
    expect_no_sign(&root, "/etc/breakglass/host.key is cut off or not base64");
    put_file("etc/breakglass/host.key", "key", 3);
    expect_no_sign(&root, "/etc/breakglass/host.key does not begin as an OpenSSH private key does");
    (void)unlink("etc/breakglass/host.key");
    assert_int_equal(KEYGEN(NULL, "-q", "-t", "ed25519", "-N", "secret", "-f", "etc/breakglass/host.key"), 0);
    expect_no_sign(
        &root, "/etc/breakglass/host.key has a passphrase, which nobody can type for a host: make it with "
               "ssh-keygen -t ed25519 -N ''");
    (void)unlink("etc/breakglass/host.key");
    assert_int_equal(KEYGEN(NULL, "-q", "-t", "ecdsa", "-N", "", "-f", "etc/breakglass/host.key"), 0);
    expect_no_sign(&root, "/etc/breakglass/host.key does not hold one ssh-ed25519 key");
    bg_root_close(&root);
}

static void test_key_text(void **state)
{
    static const char base64[] = "AAAAC3NzaC1lZDI1NTE5AAAAIIgyPI7sY4Zj0bY0jN0iT8nSfHxDsmk0nEZNLGH7vO1d";
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "there is no public key: the text is empty"},
        {"ssh-ed25519", "the public key is cut off after its type"},
        {"ssh-ed25519 ", "the public key is cut off after its type"},
        {"ssh-ed25519 AA*A", "the public key is not base64, or longer than 256 bytes"},
        {"sk-ssh-ed25519@openssh.com AAAAC3NzaC1lZDI1NTE5AAAAIIgyPI7sY4Zj0bY0jN0iT8nSfHxDsmk0nEZNLGH7vO1d",
         "the public key is of another type than the word before it says"},
        {"ssh-ed25519-cert-v01@openssh.com AAAA",
         "a key of type ssh-ed25519-cert-v01@openssh.com cannot be used here: use ssh-ed25519 or "
         "sk-ssh-ed25519@openssh.com (ssh-keygen -t ed25519, or -t ed25519-sk for a security key)"},
    };
    struct bg_key key, same;
    struct bg_sentence err;
    char text[256], fingerprint[BG_FINGERPRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        assert_true(bg_key_parse_text(&key, cases[i].text, &err) < 0);
        assert_string_equal(err.text, cases[i].sentence);
        assert_false(bg_key_equal(&key, &key)); /* nothing equals nothing */
    }
    snprintf(text, sizeof text, "  ssh-ed25519\t%s  a comment\n", base64);
    assert_int_equal(bg_key_parse_text(&key, text, &err), 0);
    snprintf(text, sizeof text, "ssh-ed25519 %s", base64);
    assert_int_equal(bg_key_parse_text(&same, text, &err), 0);
    assert_true(bg_key_equal(&key, &same));
    same.blob[50] ^= 1;
    assert_false(bg_key_equal(&key, &same));
    bg_key_fingerprint(fingerprint, key.blob, key.blob_len);
    assert_int_equal(strlen(fingerprint), 50);
}

/* Our base64 decoder (for public keys) says what libsodium's says, to whole, cut, padded and spoilt words. */
static void test_base64(void **state)
{
    unsigned char blob[BG_KEY_BLOB_MAX], got[BG_KEY_BLOB_MAX];
    char word[512], text[600];

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct bg_sentence err;
        struct bg_key key;
        size_t len = randombytes_uniform(60), got_len;
        bool ours, theirs;

        randombytes_buf(blob, len);
        sodium_bin2base64(word, sizeof word, blob, len, sodium_base64_VARIANT_ORIGINAL);
        if (i % 2 == 1 && strlen(word) > 0)
            word[randombytes_uniform((uint32_t)strlen(word))] = "A/+=-_9"[randombytes_uniform(7)];
        if (i % 5 == 1)
            word[randombytes_uniform((uint32_t)strlen(word) + 1)] = '\0';
        if (word[0] == '\0')
            continue;
        snprintf(text, sizeof text, "ssh-ed25519 %s", word);
        theirs = sodium_base642bin(got, sizeof got, word, strlen(word), NULL, &got_len, NULL,
                                   sodium_base64_VARIANT_ORIGINAL) == 0;
        assert_true(bg_key_parse_text(&key, text, &err) < 0);
        ours = !strstr(err.text, "is not base64");
        if (ours != theirs)
            fail_msg("%s: ours %d, libsodium's %d", word, ours, theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64),     cmocka_unit_test(test_openssh_signs),
        cmocka_unit_test(test_other_keys), cmocka_unit_test(test_ours_accepted),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_armour),
        cmocka_unit_test(test_host),       cmocka_unit_test(test_host_refused),
        cmocka_unit_test(test_key_text),
    };

    if (sodium_init() < 0 || crypto_sign_keypair(pk, sk) != 0)
        return 1;
    umask(022);
    if (KEYGEN(NULL, "-Y", "match-principals") == -1) /* there is none */
        return 77;
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
