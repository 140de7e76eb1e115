#pragma once

int verb_review(int argc, char **argv);
