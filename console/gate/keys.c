/* SPDX-License-Identifier: ISC */
/* Which keys in authorized_keys open nothing by themselves once the gate stands. */
#include "console/gate/keys.h"

#include "policy/base/cleanup.h"
#include "console/gate/sshd.h"
#include "policy/statement/sshkey.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEYS_MAX (1024 * 1024)
#define BLOB_MAX 8192
#define DESCRIPTION_SIZE 300

struct looking {
    const struct passwd *pw;
    const struct bg_signers *signers;
    const struct bg_policy *policy;
    const char *host;
    int64_t now;
    struct bg_list *sentences;
};

/* The file may be its user's, so it is only read, and only if it is a plain file. */
static char *read_keys(const char *path)
{
    bg_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    char *text = NULL;
    struct stat st;
    size_t len;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && bg_fd_read(fd, KEYS_MAX, &text, &len) >= 0)
        return text;
    return NULL;
}

/* Where "TYPE BASE64" starts on a line of authorized_keys: options, with quoted blanks, may stand before. */
static const char *find_key(const char *line)
{
    bool quoted = false, at_word = true;

    for (; *line; line++) {
        if (at_word && !quoted &&
            (strncmp(line, "ssh-", 4) == 0 || strncmp(line, "ecdsa-", 6) == 0 ||
             strncmp(line, "sk-", 3) == 0))
            return line;
        if (*line == '"' && (at_word || line[-1] != '\\'))
            quoted = !quoted;
        at_word = !quoted && (*line == ' ' || *line == '\t');
    }
    return NULL;
}

/* Type, fingerprint and comment of the key at `text`, of whatever type it is. */
static void describe(const char *text, char out[DESCRIPTION_SIZE])
{
    unsigned char blob[BLOB_MAX];
    char fingerprint[BG_FINGERPRINT_SIZE] = "a key that cannot be read";
    size_t type = strcspn(text, " \t"), blob_len = 0;
    const char *base64 = text + type + strspn(text + type, " \t");
    size_t len = strcspn(base64, " \t\r");
    const char *comment = base64 + len + strspn(base64 + len, " \t\r");

    if (sodium_base642bin(blob, sizeof blob, base64, len, NULL, &blob_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0)
        bg_key_fingerprint(fingerprint, blob, blob_len);
    (void)snprintf(out, DESCRIPTION_SIZE, "%.*s %s%s%.60s%s", (int)(type < 40 ? type : 40), text, fingerprint,
                   *comment ? " (" : "", comment, *comment ? ")" : "");
}

static int judge_key(const struct looking *in, const char *path, unsigned number, const char *text)
{
    char what[DESCRIPTION_SIZE];
    const struct bg_signer *person = NULL, *machine = NULL;
    struct bg_key key;

    if (bg_key_parse_text(&key, text, NULL) >= 0) {
        person = bg_signers_find(in->signers, &key, BG_NS_LOGIN, in->now, NULL);
        machine = bg_signers_find(in->signers, &key, BG_NS_AUTOMATION, in->now, NULL);
    }
    if (!person && machine && bg_policy_automation(in->policy, machine->name, in->host, in->pw->pw_name))
        return 0;
    describe(text, what);
    if (person)
        return bg_list_printf(in->sentences, "%s:%u: %s belongs to %s: it needs a grant", path, number, what,
                              person->name);
    return bg_list_printf(in->sentences, "%s:%u: %s is not enrolled: it will be refused", path, number, what);
}

static int judge_file(const struct looking *in, const char *path)
{
    bg_free_ char *text = read_keys(path);
    char *rest = text, *line;
    int r = 0;

    for (unsigned number = 1; r >= 0 && rest && (line = strsep(&rest, "\n")); number++) {
        line += strspn(line, " \t");
        const char *key = *line == '#' ? NULL : find_key(line);
        if (key)
            r = judge_key(in, path, number, key);
    }
    return r;
}

/* %h, %u, %U and %% in AuthorizedKeysFile, and what is not absolute stands below the home. */
static bool expand(const struct passwd *pw, const char *pattern, char *out, size_t size)
{
    FILE *to = fmemopen(out, size, "w");

    if (!to)
        return false;
    if (pattern[0] != '/' && strncmp(pattern, "%h", 2) != 0)
        fprintf(to, "%s/", pw->pw_dir);
    for (const char *p = pattern; *p; p++) {
        if (*p != '%')
            (void)fputc(*p, to);
        else if (*++p == 'h')
            (void)fputs(pw->pw_dir, to);
        else if (*p == 'u')
            (void)fputs(pw->pw_name, to);
        else if (*p == 'U')
            fprintf(to, "%u", (unsigned)pw->pw_uid);
        else if (*p == '%')
            (void)fputc('%', to);
        else
            break;
    }
    return fclose(to) == 0;
}

int gate_keys_refused(const char *effective, const char *account, const struct bg_signers *signers,
                      const struct bg_policy *policy, const char *host, int64_t now,
                      struct bg_list *sentences)
{
    bg_free_ char *files = gate_sshd_value(effective, "authorizedkeysfile", 0);
    const struct passwd *pw = getpwnam(account);
    const struct looking in = {pw, signers, policy, host, now, sentences};
    char *rest = files, *pattern, path[4096];
    int r = 0;

    if (!pw || !files || strcmp(files, "none") == 0)
        return 0;
    while (r >= 0 && (pattern = strsep(&rest, " ")))
        if (*pattern && expand(pw, pattern, path, sizeof path))
            r = judge_file(&in, path);
    return r;
}
