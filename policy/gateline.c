#include "gateline.h"
