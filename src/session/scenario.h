// The synthetic intrusion for front ends.
#pragma once
#include "scenario/scenario.h"
