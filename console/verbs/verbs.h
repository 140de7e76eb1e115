/* Each verb: argv[0] is its name; gives an exit status. */
#pragma once

#include "console/base/usage.h"

/* Of verb_console: there is neither a host nor a broker to show; the caller lists the verbs instead. */
#define VERB_NOTHING_TO_SHOW (-1)

verb_anywhere run_get, run_list, run_show, run_text;

int verb_approve(int argc, char **argv);
int verb_console(int argc, char **argv); /* without a verb */
int verb_deny(int argc, char **argv);
int verb_extend(int argc, char **argv);
int verb_get(int argc, char **argv);
int verb_give_back(int argc, char **argv);
int verb_init(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_log(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_put(int argc, char **argv);
int verb_request(int argc, char **argv);
int verb_review(int argc, char **argv);
int verb_revoke(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_signers(int argc, char **argv);
int verb_text(int argc, char **argv);
int verb_why(int argc, char **argv);
