#pragma once

int verb_text(int argc, char **argv);
int verb_get(int argc, char **argv);
int verb_put(int argc, char **argv);
