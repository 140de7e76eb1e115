#pragma once

int verb_policy(int argc, char **argv);
int verb_signers(int argc, char **argv);
