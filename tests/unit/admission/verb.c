/* SPDX-License-Identifier: ISC */
/* What `breakglass why` prints, and its exit status. */
#include "console/base/exit_status.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "tests/unit/admission/answers.h"

#include <ctype.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PROGRAM BUILDDIR "/../console/breakglass"
#define PRINTED_MAX 65536

extern char **environ;

/* Its output, to be freed; *status is its exit status. */
static char *run(const struct asked *asked, int *status)
{
    bg_close_ int out = memfd_create("why", MFD_CLOEXEC);
    char *argv[] = {(char *)PROGRAM,
                    (char *)"--root",
                    (char *)asked->host->path,
                    (char *)"why",
                    (char *)asked->person,
                    (char *)asked->account,
                    NULL};
    char *text = calloc(1, PRINTED_MAX);
    posix_spawn_file_actions_t actions;
    pid_t pid;

    CHECK(out >= 0 && text && posix_spawn_file_actions_init(&actions) == 0 &&
              posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0 &&
              posix_spawn(&pid, PROGRAM, &actions, NULL, argv, environ) == 0,
          "cannot start " PROGRAM);
    (void)posix_spawn_file_actions_destroy(&actions);
    CHECK(waitpid(pid, status, 0) == pid && WIFEXITED(*status), PROGRAM " does not end well");
    *status = WEXITSTATUS(*status);
    CHECK(pread(out, text, PRINTED_MAX - 1, 0) >= 0, "its words cannot be read");
    return text;
}

/* Where its answer begins; what stands before are notes. */
static char *find_answer(char *text)
{
    while (text && strncmp(text, "yes: ", 5) != 0 && strncmp(text, "no: ", 4) != 0)
        text = (text = strchr(text, '\n')) ? text + 1 : NULL;
    return text;
}

/* Joins the lines of the folded sentence. */
static void take_sentence(struct told *told, const char *line)
{
    size_t len = 0;

    while (strncmp(line, "  ", 2) == 0 && strncmp(line, "  the rule: ", 12) != 0 &&
           strncmp(line, "  does not count: ", 18) != 0) {
        size_t n = strcspn(line, "\n");
        len += (size_t)snprintf(told->sentence + len, sizeof told->sentence - len, "%s%.*s", len ? " " : "",
                                (int)n - 2, line + 2);
        CHECK(len < sizeof told->sentence, "a sentence that is too long");
        line += n + (line[n] == '\n');
    }
}

/* "yes: ID (ROLE)", "no: ID (ROLE): WHY", and the sentence below; "no: SENTENCE" where there is no grant. */
static bool take_answer(struct told *told, const char *line)
{
    size_t n = strcspn(line, "\n"), skip = told->open ? 5 : 4;
    char typed[64] = "", role[80] = "";
    int end = 0;

    if (sscanf(line + skip, "%31s (%79[^)])%n", typed, role, &end) != 2 || end == 0 ||
        bg_id_parse(told->id, typed) < 0) {
        told->id[0] = '\0';
        (void)snprintf(told->sentence, sizeof told->sentence, "%.*s", (int)(n - skip), line + skip);
        return !told->open;
    }
    (void)snprintf(told->why, sizeof told->why, "none");
    if (!told->open && sscanf(line + skip + end, ": %31[a-z-]", told->why) != 1)
        return false;
    take_sentence(told, line + n + (line[n] == '\n'));
    return true;
}

static int64_t end_in(const char *sentence)
{
    static const char word[] = " is open until ";
    const char *at = strstr(sentence, word);
    char time[BG_TIME_SIZE];
    int64_t ends;

    if (!at)
        return TOLD_NOT;
    (void)snprintf(time, sizeof time, "%s", at + sizeof word - 1);
    return bg_time_parse(&ends, time) == 0 ? ends : TOLD_NOT;
}

void told_by_verb(struct told *told, struct case_file *c, const struct asked *asked)
{
    int status = 0;
    bg_free_ char *text = run(asked, &status);
    const char *answer = find_answer(text);

    *told = (struct told){.ends = TOLD_NOT};
    if (!answer) {
        CASE_FAIL(c, "why says neither yes nor no: %s", text);
        return;
    }
    told->open = *answer == 'y';
    if (status != (told->open ? EXIT_DONE : EXIT_REFUSED))
        CASE_FAIL(c, "why ends with status %d and says: %s", status, answer);
    if (!take_answer(told, answer))
        CASE_FAIL(c, "why cannot be understood: %s", answer);
    if (told->open)
        told->ends = end_in(told->sentence);
    if (told->open && told->ends == TOLD_NOT)
        CASE_FAIL(c, "why says yes and no end: %s", answer);
}
